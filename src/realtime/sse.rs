//! `GET /api/events`: the same events as Server-Sent Events, read at the client's own pace.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use http::request::Parts;
use superbot_domain::{EventKind, Seq};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::connection::{ConnectionSink, HubConnection};
use super::hub::{ConnectionId, EnteredConnection, EventHub};
use super::resume::ResumeCursor;
use super::ring::{EncodedEvent, EventViewer};
use super::socket::SocketAuth;
use super::user_connections::ConnectionKind;
use crate::admission::HttpConnection;
use crate::auth::{PresentedCredential, credential};
use crate::problem::{Problem, Result};

/// How a stream may be asked for where headers cannot be set.
#[derive(serde::Deserialize, utoipa::IntoParams)]
pub struct StreamQuery {
    /// The `seq` of the last event seen; the `Last-Event-ID` header takes precedence.
    since: Option<String>,
    /// Like `since`, with precedence over it: the name that `EventSource` polyfills use if they cannot send the header.
    #[serde(rename = "lastEventId")]
    last_event_id: Option<String>,
    /// Identity of the log that the event is from.
    epoch: Option<String>,
    /// An API token, for clients that cannot send headers.
    token: Option<String>,
}

/// Streams the events of the log, starting with those missed since `Last-Event-ID`.
#[utoipa::path(get, path = "/api/events", operation_id = "streamEvents", tag = "events", params(StreamQuery),
    responses((status = 200, content_type = "text/event-stream", body = String,
            description = "`id` is `seq`, `event` the name, `data` the payload, whose schema the map `x-events` of this document \
                has. The first event is `connection_status`; scraper status comes without an id."),
        (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn events(
    State(door): State<Arc<SocketAuth>>,
    parts: Parts,
    Query(query): Query<StreamQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let checked_at = door.hub.delivered();
    let credential = credential(&parts.headers)?.or(query.token.map(PresentedCredential::Token));
    let principal = match credential {
        Some(credential) => Some(
            door.auth
                .recognize(&credential, door.hub.clock.now())
                .await?
                .ok_or_else(|| Problem::unauthenticated("the credential is invalid or was revoked"))?,
        ),
        None if door.settings.allow_anonymous => None,
        None => return Err(Problem::unauthenticated("sign in, or send an API token")),
    };
    let visit = parts.extensions.get::<HttpConnection>().cloned();
    if let Some(principal) = &principal {
        if let Some(visit) = &visit {
            visit.authenticated(principal);
        }
        door.rates.charge(principal, door.hub.clock.now())?;
        principal.may_read()?;
    } else if let Some(visit) = &visit {
        visit.stays();
    }
    let client = door.edge.client_address(&parts);
    let counted = door.count(principal.as_deref(), ConnectionKind::EventStream, client);
    let counted = counted.map_err(|too_many| Problem::too_many_connections(too_many.to_string()))?;
    let last_seen = parts.headers.get("last-event-id").and_then(|value| value.to_str().ok());
    let sources =
        [("Last-Event-ID", last_seen.map(str::to_owned)), ("lastEventId", query.last_event_id), ("since", query.since)];
    // An empty value counts as absent: browsers send one before the first event with an id.
    let given = sources.into_iter().find_map(|(name, text)| Some((name, text?)).filter(|(_, text)| !text.is_empty()));
    let since = match given {
        Some((name, text)) => Some(ResumeCursor::parse_since(&text).map_err(|message| Problem::field(name, message))?),
        None => None,
    };
    let resume = ResumeCursor { since, epoch: query.epoch };

    let stop = CancellationToken::new();
    let entered = door.hub.enter(principal, counted, ConnectionSink::Stream(stop.clone()), checked_at).await;
    let EnteredConnection { id, connection } =
        entered.ok_or_else(|| Problem::unauthenticated("the credential was just revoked"))?;
    let mut reader = StreamReader::start(&door, id, connection, stop, &resume).await?;
    reader.visit = visit;
    Ok(Sse::new(reader.into_stream()).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// Position of one stream in the log.
struct StreamReader {
    hub: Arc<EventHub>,
    id: ConnectionId,
    viewer: EventViewer,
    cursor: Seq,
    ready: VecDeque<Event>,
    head: watch::Receiver<Seq>,
    status: watch::Receiver<Arc<str>>,
    stop: CancellationToken,
    /// Keeps the place of an anonymous stream among the unauthenticated connections.
    visit: Option<HttpConnection>,
}

impl StreamReader {
    async fn start(
        door: &SocketAuth,
        id: ConnectionId,
        connection: Arc<HubConnection>,
        stop: CancellationToken,
        resume: &ResumeCursor,
    ) -> Result<Self> {
        let hub = Arc::clone(&door.hub);
        hub.metrics.event_streams(1);
        let viewer = connection.viewer();
        let head = hub.follow();
        let status = hub.follow_status();
        let mut reader = Self { hub, id, viewer, cursor: 0, ready: VecDeque::new(), head, status, stop, visit: None };
        let limit = door.settings.replay_limit;
        let (answer, cursor) = reader.hub.resume(viewer, resume, limit).await?;
        reader.cursor = cursor;
        let greeting = answer.greeting(&reader.hub, &connection);
        let greeting = Event::default().event(greeting.name()).json_data(&greeting);
        let greeting = greeting.map_err(|error| Problem::internal(&error))?;
        // Without a replay the client is at the head already, so the greeting carries that position as its id.
        let greeting = if answer.replayed == 0 { greeting.id(answer.seq.to_string()) } else { greeting };
        reader.ready.push_back(greeting);
        reader.push_status();
        Ok(reader)
    }

    fn push_status(&mut self) {
        let status = Arc::clone(&self.status.borrow_and_update());
        if matches!(self.viewer, EventViewer::SignedIn(_)) {
            self.ready.push_back(Event::default().event(EventKind::ScraperStatus.wire_name()).data(&*status));
        }
    }

    fn into_stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        futures_util::stream::unfold(
            self,
            |mut reader| async move { reader.next().await.map(|event| (Ok(event), reader)) },
        )
    }

    /// Returns the next event; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.stop.is_cancelled() {
                return None;
            }
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let (events, cursor) = match self.hub.read(self.viewer, self.cursor).await {
                Ok(read) => read,
                Err(error) => {
                    tracing::error!(%error, "the log cannot be read; closing an event stream");
                    return None;
                }
            };
            let moved = cursor != self.cursor;
            self.cursor = cursor;
            self.ready.extend(events.iter().map(|event| to_sse(event)));
            if !self.ready.is_empty() || moved {
                continue;
            }
            // `stop` first: a revoked stream must not receive another event.
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                changed = self.head.changed() => changed.ok()?,
                changed = self.status.changed() => { changed.ok()?; self.push_status(); }
            }
        }
    }
}

impl Drop for StreamReader {
    fn drop(&mut self) {
        self.hub.metrics.event_streams(-1);
        self.hub.leave_soon(self.id);
    }
}

fn to_sse(event: &EncodedEvent) -> Event {
    Event::default().id(event.seq.to_string()).event(event.kind.wire_name()).data(&event.json)
}
