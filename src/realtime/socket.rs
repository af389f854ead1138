//! Socket.IO handlers: authentication, events from clients, and acknowledgements.

use std::net::IpAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use superbot_domain::{NotificationId, Seq, UsageQuota};
use superbot_socketio::{ClientEvent, ConnectRefusal, ConnectRequest, DisconnectReason, Namespace, Socket};
use superbot_wire::{ConnectionEvent, EventAcknowledgement, PongReply, SocketError, client_event};

use super::connection::{ConnectionSink, HubConnection, emit, revoke};
use super::hub::{EnteredConnection, EventHub, SCRAPER_STATUS};
use super::resume::ResumeCursor;
use super::ring::EventViewer;
use super::settings::RealtimeSettings;
use super::user_connections::{ConnectionKind, CountedConnection, TooManyConnections, UserConnections};
use crate::auth::{Authenticator, PresentedCredential, Principal, bearer, session_of};
use crate::edge::ProxyPolicy;
use crate::limits::RequestRates;
use crate::refusal::RefusalReason;

/// Dependencies of the handlers.
pub struct SocketAuth {
    pub hub: Arc<EventHub>,
    pub auth: Authenticator,
    pub edge: Arc<ProxyPolicy>,
    pub rates: Arc<RequestRates>,
    pub users: UserConnections,
    pub settings: RealtimeSettings,
}

/// Result of the middleware, passed to the connect handler.
struct AdmittedSocket {
    principal: Option<Arc<Principal>>,
    counted: Option<Arc<CountedConnection>>,
    resume: ResumeCursor,
    checked_at: Seq,
}

/// Acknowledgement of an event, or the reason for rejecting it.
type EventAnswer = Result<EventAcknowledgement, SocketError>;

/// Registers the Socket.IO handlers.
pub fn install(namespace: &Namespace, door: Arc<SocketAuth>) {
    let at_door = Arc::clone(&door);
    namespace.middleware(move |request: ConnectRequest| {
        let door = Arc::clone(&at_door);
        async move { door.admit(&request).await }
    });
    let on_connect = Arc::clone(&door);
    namespace.on_connect(move |socket: Socket| {
        let door = Arc::clone(&on_connect);
        async move { door.connected(socket).await }
    });
    let on_event = Arc::clone(&door);
    namespace.on_any(move |socket: Socket, event: ClientEvent| {
        let door = Arc::clone(&on_event);
        async move { door.on_event(socket, event).await }
    });
    namespace.on_disconnect(move |socket: Socket, reason| {
        let door = Arc::clone(&door);
        async move {
            tracing::debug!(socket = %socket.id(), %reason, "disconnected");
            if let Some(entered) = socket.extensions().get::<EnteredConnection>() {
                door.hub.leave(entered.id).await;
            }
        }
    });
}

impl SocketAuth {
    /// Authenticates a connection by the first credential present; others are not tried.
    async fn admit(&self, request: &ConnectRequest) -> Result<(), ConnectRefusal> {
        // Before the credential is checked: a revocation after this position is detected by `EventHub::enter`.
        let checked_at = self.hub.delivered();
        let resume = ResumeCursor::from_auth(request.auth()).map_err(|m| refuse(m, "bad_request"))?;
        let principal = match self.credential(request)? {
            None if self.settings.allow_anonymous => None,
            None => return Err(self.unauthenticated(request)),
            Some(credential) => match self.auth.recognize(&credential, self.hub.clock.now()).await {
                Ok(Some(principal)) => Some(principal),
                Ok(None) => return Err(self.unauthenticated(request)),
                Err(error) => {
                    tracing::error!(%error, "authenticating a socket failed");
                    // A temporary failure: a definite refusal would keep the client from reconnecting.
                    return Err(ConnectRefusal::for_now());
                }
            },
        };
        if let Some(Err(refused)) = principal.as_deref().map(Principal::may_read) {
            self.hub.metrics.refused_connection();
            return Err(refuse(refused.to_string(), "forbidden"));
        }
        let counted = match self.count(principal.as_deref(), ConnectionKind::Socket, request.handshake().client()) {
            Ok(counted) => counted,
            Err(too_many) => return Err(refuse(too_many.to_string(), "too_many_connections")),
        };
        if principal.is_none() {
            request.restrict();
        }
        request.extensions().insert(AdmittedSocket { principal, counted, resume, checked_at });
        Ok(())
    }

    /// Counts a live connection for the principal's user, if there is one.
    ///
    /// # Errors
    /// When the user has reached a limit.
    pub fn count(
        &self,
        principal: Option<&Principal>,
        kind: ConnectionKind,
        client: Option<IpAddr>,
    ) -> Result<Option<Arc<CountedConnection>>, TooManyConnections> {
        let Some(user) = principal.and_then(Principal::user) else { return Ok(None) };
        let counted = self.users.enter(user.id, kind).inspect_err(|too_many| {
            let reason = match too_many {
                TooManyConnections::Connections(_) => RefusalReason::UserConnections,
                TooManyConnections::EventStreams(_) => RefusalReason::UserEventStreams,
            };
            self.hub.refusals.note(reason, client, Some(&user.username.to_string()));
        });
        counted.map(|counted| Some(Arc::new(counted)))
    }

    fn unauthenticated(&self, request: &ConnectRequest) -> ConnectRefusal {
        self.hub.metrics.refused_connection();
        self.hub.refusals.note(RefusalReason::Unauthenticated, request.handshake().client(), None);
        refuse("authentication required".into(), "unauthenticated")
    }

    fn credential(&self, request: &ConnectRequest) -> Result<Option<PresentedCredential>, ConnectRefusal> {
        match request.auth().get("token") {
            None | Some(Value::Null) => {}
            Some(Value::String(token)) => return Ok(Some(PresentedCredential::Token(token.clone()))),
            Some(_) => return Err(self.unauthenticated(request)),
        }
        let handshake = request.handshake();
        if let Some(value) = handshake.header_bytes("authorization") {
            return bearer(value).map(Some).ok_or_else(|| self.unauthenticated(request));
        }
        if let Some(session) = session_of(handshake.headers_named("cookie"))
            // If any origin may connect, a cookie would let any page act on behalf of its visitor.
            && (!self.settings.any_origin || self.edge.is_same_origin(&handshake.headers()))
        {
            return Ok(Some(session));
        }
        Ok(handshake.query("token").map(PresentedCredential::Token))
    }

    async fn connected(&self, socket: Socket) {
        let Some(admitted) = socket.extensions().remove::<AdmittedSocket>() else {
            return;
        };
        let principal = admitted.principal.clone();
        let sink = ConnectionSink::Socket(socket.clone());
        let entered = self.hub.enter(principal, admitted.counted.clone(), sink, admitted.checked_at).await;
        let Some(entered) = entered else {
            // The credential was revoked between `admit` and here.
            revoke(&socket);
            return;
        };
        let connection = Arc::clone(&entered.connection);
        socket.extensions().insert(entered);
        let limit = self.settings.replay_limit;
        match self.hub.resume(connection.viewer(), &admitted.resume, limit).await {
            Ok((answer, cursor)) => {
                connection.set_cursor(cursor);
                let _ = emit(&socket, &answer.greeting(&self.hub, &connection));
                self.hub.begin(connection, socket).await;
            }
            Err(error) => {
                tracing::error!(%error, "resuming a socket failed");
                socket.close_transport(DisconnectReason::Closed("log unreadable"));
            }
        }
    }

    async fn on_event(&self, socket: Socket, event: ClientEvent) {
        let Some(entered) = socket.extensions().get::<EnteredConnection>() else {
            return;
        };
        let connection = &entered.connection;
        // Backpressure: replies to a client wait until its queue is at most half full.
        socket.drained(self.hub.half_queue_bytes).await;
        let answer = match self.within_limit(connection) {
            Ok(()) => self.dispatch_event(&socket, connection, &event).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &answer {
            let _ = emit(&socket, &ConnectionEvent::Error(error.clone()));
        }
        // Clients see the error as an event and, if they requested one, in the acknowledgement.
        if let Some(ack) = event.ack {
            let _ = ack.send(&[answer.unwrap_or_else(EventAcknowledgement::refused)]);
        }
    }

    fn within_limit(&self, connection: &HubConnection) -> Result<(), SocketError> {
        let quota = UsageQuota::per_second(self.settings.socket_events_per_second);
        let mut meter = connection.meter.lock();
        meter.take(quota, self.hub.clock.now()).map_err(|wait| SocketError {
            code: "rate_limited",
            message: format!("more than {} events in a second", self.settings.socket_events_per_second),
            retry_after_ms: Some(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1)),
        })
    }

    async fn dispatch_event(&self, socket: &Socket, connection: &HubConnection, event: &ClientEvent) -> EventAnswer {
        match event.name.as_str() {
            client_event::PING => {
                let reply = PongReply { timestamp: self.hub.clock.now().into() };
                let _ = emit(socket, &ConnectionEvent::Pong(reply));
                Ok(EventAcknowledgement::accepted())
            }
            client_event::SUBSCRIBE_SCRAPER_STATUS => {
                signed_in(connection)?;
                self.hub.subscribe(connection, socket).await;
                Ok(EventAcknowledgement::subscription(SCRAPER_STATUS))
            }
            client_event::UNSUBSCRIBE_SCRAPER_STATUS => {
                signed_in(connection)?;
                self.hub.unsubscribe(connection, socket).await;
                Ok(EventAcknowledgement::subscription(SCRAPER_STATUS))
            }
            client_event::NOTIFICATION_READ => self.read(connection, event.args.values.first()).await,
            other => {
                let other: String = other.chars().take(60).collect();
                Err(refused(
                    "unknown_event",
                    format!(
                        "there is no event {other:?}; there are subscribe_scraper_status, \
                         unsubscribe_scraper_status, ping and notification_read"
                    ),
                ))
            }
        }
    }

    async fn read(&self, connection: &HubConnection, argument: Option<&Value>) -> EventAnswer {
        let EventViewer::SignedIn(Some(user)) = connection.viewer() else {
            return Err(refused("forbidden", "only a user has notifications"));
        };
        let ids = argument.and_then(|argument| argument.get("ids")).and_then(Value::as_array);
        let ids: Option<Vec<NotificationId>> = ids
            // One event must not cause an arbitrarily large query.
            .filter(|ids| ids.len() <= 1000)
            .and_then(|ids| ids.iter().map(|id| id.as_i64().map(NotificationId::from)).collect());
        let Some(ids) = ids else {
            let message = "notification_read takes {ids: [...]}, at most 1000 whole numbers";
            return Err(refused("bad_request", message));
        };
        match self.hub.records.mark_read(user, &ids).await {
            Ok(outcome) => Ok(EventAcknowledgement::reading(outcome.unread)),
            Err(error) => {
                tracing::error!(%error, "marking notifications as read failed");
                Err(refused("unavailable", "the store is busy; try again"))
            }
        }
    }
}

fn signed_in(connection: &HubConnection) -> Result<(), SocketError> {
    match connection.viewer() {
        EventViewer::SignedIn(_) => Ok(()),
        EventViewer::Anonymous => Err(refused("forbidden", "only signed-in clients may subscribe")),
    }
}

fn refuse(message: String, code: &str) -> ConnectRefusal {
    ConnectRefusal::new(message).with_data(json!({"code": code})).and_close()
}

fn refused(code: &'static str, message: impl Into<String>) -> SocketError {
    SocketError { code, message: message.into(), retry_after_ms: None }
}
