//! The hub: every event of the log, to every connection that is to have it, in order, once.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use superbot_domain::{Audience, Clock, EventKind, LogEvent, Seq, UserId};
use superbot_socketio::{DisconnectReason, EventPacket, Namespace, SendError, Socket};
use superbot_store::{LogBounds, StoreError};
use superbot_wire::{ChannelSubscription, ConnectionEvent, EventPayload as _, ScraperStatus};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Mutex, watch};
use tokio::task::block_in_place;

use super::connection::{ConnectionSink, HubConnection, emit};
use super::hub_deps::HubDeps;
use super::ring::{EncodedEvent, EventRing, EventViewer};
use super::settings::BatchLimits;
use super::user_connections::CountedConnection;
use crate::auth::{Authenticator, Principal, Revocation};
use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::presence::{PresenceEntry, PresenceRegister};
use crate::records::HubStore;
use crate::refusal::RefusalLog;

/// Rooms hold only connections that are live: that have been sent everything up to the hub's
/// own place in the log. One that falls behind leaves them all and is served from the log.
pub(super) const EVERYONE: &str = "everyone";
pub(super) const SCRAPER_STATUS: &str = "scraper_status";

pub(super) fn room_of(user: UserId) -> String {
    format!("user:{user}")
}

/// Names a connection within this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(u64);

/// A connection that the hub knows of.
pub struct EnteredConnection {
    /// What it is known by.
    pub id: ConnectionId,
    /// What is known of it.
    pub connection: Arc<HubConnection>,
}

/// The hub's parts that never change.
pub struct EventHub {
    pub(super) records: HubStore,
    pub(super) portions: BatchLimits,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) refusals: RefusalLog,
    namespace: Namespace,
    presence: PresenceRegister,
    auth: Authenticator,
    lifecycle: Lifecycle,
    /// Half of what may wait for one connection.
    pub(super) half_queue_bytes: usize,
    pub(super) state: Mutex<HubState>,
    /// The hub's place in the log, for those who read it at their own pace.
    head: watch::Sender<Seq>,
    /// The scrapers' status, as last heard: one JSON object without `seq`.
    status: watch::Sender<Arc<str>>,
}

/// A connection that the hub delivers to; dropping it takes the connection out of all counts.
struct HubRegistration {
    connection: Arc<HubConnection>,
    _present: PresenceEntry,
    _counted: Option<Arc<CountedConnection>>,
}

pub(super) struct HubState {
    pub(super) delivered: Seq,
    pub(super) ring: EventRing,
    /// The newest revocations, with their places in the log, for credentials checked just before they were revoked.
    revocations: VecDeque<(Seq, Revocation)>,
    /// In the order in which they came.
    connections: BTreeMap<ConnectionId, HubRegistration>,
    next_id: u64,
}

/// Why a connection cannot go on from its cursor; its client is to come back and be told where it stands.
#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What comes after the cursor was pruned meanwhile.
    #[error("the events after the cursor were pruned")]
    Pruned,
}

/// To send to so many takes milliseconds, in which the thread does nothing else.
const MANY: usize = 250;
/// More revocations than this between checking a credential and entering the hub cannot be.
const REVOCATIONS_KEPT: usize = 1024;

/// Does something, which may take long; another thread sees meanwhile to what else the runtime has to do.
fn run_blocking_if_large(takes_long: bool, work: impl FnOnce()) {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    if takes_long && matches!(flavor, Ok(RuntimeFlavor::MultiThread)) { block_in_place(work) } else { work() }
}

impl EventHub {
    /// A hub at the log's head.
    pub async fn new(
        base: &HubDeps,
        namespace: Namespace,
        lifecycle: Lifecycle,
        queue_bytes: usize,
        portions: BatchLimits,
    ) -> Result<Arc<Self>, StoreError> {
        let HubDeps { records, clock, auth, metrics, refusals, presence, .. } = base;
        let LogBounds { oldest, head: delivered } = records.log_bounds().await?;
        let (status, at) = records.scraper_status().await?;
        let status = ScraperStatus::new(&status, at).to_json();
        let status =
            status.map_err(|error| StoreError::InvalidEvent(format!("the scraper status is no JSON: {error}")))?;
        metrics.log_at(delivered);
        let state = HubState {
            delivered,
            ring: ring_of(records, portions, oldest, delivered).await?,
            revocations: VecDeque::new(),
            connections: BTreeMap::new(),
            next_id: 0,
        };
        Ok(Arc::new(Self {
            records: records.clone(),
            portions,
            clock: Arc::clone(clock),
            auth: auth.clone(),
            metrics: Arc::clone(metrics),
            refusals: refusals.clone(),
            presence: presence.clone(),
            namespace,
            lifecycle,
            half_queue_bytes: queue_bytes / 2,
            state: Mutex::new(state),
            head: watch::Sender::new(delivered),
            status: watch::Sender::new(status.into()),
        }))
    }

    /// The hub's place in the log.
    pub fn delivered(&self) -> Seq {
        *self.head.borrow()
    }

    /// Follows the hub's place in the log.
    pub fn follow(&self) -> watch::Receiver<Seq> {
        self.head.subscribe()
    }

    /// Follows the scrapers' status.
    pub fn follow_status(&self) -> watch::Receiver<Arc<str>> {
        self.status.subscribe()
    }

    /// The log's next events, whoever they are for.
    pub(super) async fn next_events(&self) -> Result<Vec<LogEvent>, CursorError> {
        let delivered = self.delivered();
        let events = self.records.next_events(delivered, self.portions.batch).await?;
        // Nearly always the next one has the next number; else it may be that those before it were pruned.
        let skips = events.first().is_some_and(|event| event.seq > delivered + 1);
        if skips && self.records.log_bounds().await?.oldest > delivered + 1 {
            Err(CursorError::Pruned)
        } else {
            Ok(events)
        }
    }

    /// Hands the log's next events to every live connection that is to have them.
    pub async fn deliver(self: &Arc<Self>, events: &[LogEvent]) {
        let for_everyone = |event: &LogEvent| event.audience == Audience::Everyone;
        for run in events.chunk_by(|one, next| for_everyone(one) && for_everyone(next)) {
            for piece in run.chunks(self.portions.piece) {
                self.deliver_piece(piece).await;
            }
        }
    }

    /// Hands over one event, or several for everyone, which each socket's kernel gets with one call.
    async fn deliver_piece(self: &Arc<Self>, events: &[LogEvent]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        let encoded: Vec<Arc<EncodedEvent>> = events.iter().map(|event| Arc::new(EncodedEvent::new(event))).collect();
        let mut state = self.state.lock().await;
        state.delivered = last.seq;
        for event in &encoded {
            state.ring.push(Arc::clone(event));
        }
        let many = state.connections.len() > MANY;
        match first.audience {
            Audience::Everyone => run_blocking_if_large(many, || self.send_to(EVERYONE, &encoded)),
            Audience::User(user) => self.send_to(&room_of(user), &encoded),
            Audience::ScraperStatus => {
                self.status.send_replace(Arc::from(&*first.payload));
                run_blocking_if_large(many, || self.send_to(SCRAPER_STATUS, &encoded));
            }
            Audience::Control => {
                if let Some(revocation) = Revocation::read(first) {
                    self.auth.forget(&revocation);
                    state.revoke(first.seq, revocation);
                }
            }
        }
        drop(state);
        self.head.send_replace(last.seq);
        for event in events {
            self.metrics.delivered(event.kind, event.seq, event.at, self.clock.now());
        }
    }

    /// Sends to a room; whoever has no room left in its queue goes back to its cursor. Called under the hub's lock.
    fn send_to(self: &Arc<Self>, room: &str, events: &[Arc<EncodedEvent>]) {
        let Some(first) = events.first() else { return };
        let delivery = self.namespace.to(room).send_all(events.iter().map(|event| &event.packet));
        for socket in delivery.full {
            let Some(entered) = socket.extensions().get::<EnteredConnection>() else {
                continue;
            };
            let connection = &entered.connection;
            leave_rooms(&socket, connection);
            connection.set_cursor(first.seq - 1);
            self.metrics.fell_behind();
            self.serve(Arc::clone(connection), socket);
        }
    }

    /// Enters a connection whose credential was checked when the hub stood at `checked_at`.
    ///
    /// Returns `None` when the credential was revoked since: the event that said so may have
    /// passed before the connection was here to hear it.
    pub async fn enter(
        &self,
        principal: Option<Arc<Principal>>,
        counted: Option<Arc<CountedConnection>>,
        sink: ConnectionSink,
        checked_at: Seq,
    ) -> Option<EnteredConnection> {
        let mut state = self.state.lock().await;
        let connection = Arc::new(HubConnection::new(principal.clone(), sink, state.delivered));
        let mut since = state.revocations.iter().filter(|(seq, _)| *seq > checked_at);
        if since.any(|(_, revocation)| connection.is_revoked_by(revocation)) {
            return None;
        }
        let id = ConnectionId(state.next_id);
        state.next_id += 1;
        let present = self.presence.enter(principal, self.clock.now());
        let registration =
            HubRegistration { connection: Arc::clone(&connection), _present: present, _counted: counted };
        state.connections.insert(id, registration);
        Some(EnteredConnection { id, connection })
    }

    /// Forgets a connection.
    pub async fn leave(&self, id: ConnectionId) {
        self.state.lock().await.connections.remove(&id);
    }

    /// Forgets a connection, from where nothing can be waited for.
    pub fn leave_soon(self: &Arc<Self>, id: ConnectionId) {
        let hub = Arc::clone(self);
        self.lifecycle.run(async move { hub.leave(id).await });
    }

    /// Ends every event stream; their clients come back by themselves.
    pub async fn end_streams(&self) {
        for HubRegistration { connection, .. } in self.state.lock().await.connections.values() {
            if let ConnectionSink::Stream(stop) = &connection.sink {
                stop.cancel();
            }
        }
    }

    /// Serves a socket that has just come in, from its cursor on.
    pub async fn begin(self: &Arc<Self>, connection: Arc<HubConnection>, socket: Socket) {
        if !self.catch_up_at_once(&connection, &socket).await {
            self.serve(connection, socket);
        }
    }

    /// Serves a socket from its cursor on.
    fn serve(self: &Arc<Self>, connection: Arc<HubConnection>, socket: Socket) {
        self.lifecycle.run(Arc::clone(self).catch_up(connection, socket));
    }

    /// Subscribes a socket to the scrapers' status, and tells it the present one.
    pub async fn subscribe(&self, connection: &HubConnection, socket: &Socket) {
        let _state = self.state.lock().await;
        connection.set_subscribed(true);
        let _ = emit(socket, &ConnectionEvent::Subscribed(ChannelSubscription { channel: SCRAPER_STATUS }));
        let sent = self.send_status(socket);
        // One that catches up is told again when it joins.
        if socket.in_room(EVERYONE) {
            if let Err(SendError::Full) = sent {
                socket.abort(DisconnectReason::QueueOverflow);
            }
            let _ = socket.join(SCRAPER_STATUS);
        }
    }

    /// Ends that.
    pub async fn unsubscribe(&self, connection: &HubConnection, socket: &Socket) {
        let _state = self.state.lock().await;
        connection.set_subscribed(false);
        socket.leave(SCRAPER_STATUS);
        let _ = emit(socket, &ConnectionEvent::Unsubscribed(ChannelSubscription { channel: SCRAPER_STATUS }));
    }

    pub(super) fn send_status(&self, socket: &Socket) -> Result<(), SendError> {
        let status = Arc::clone(&self.status.borrow());
        socket.send(&EventPacket::event_raw("/", EventKind::ScraperStatus.wire_name(), &status))
    }

    /// The events after `cursor` that a viewer is to have, and the cursor after them.
    pub async fn read(&self, viewer: EventViewer, cursor: Seq) -> Result<(Vec<Arc<EncodedEvent>>, Seq), CursorError> {
        let state = self.state.lock().await;
        let upto = state.delivered;
        if let Some(events) = state.ring.after(cursor) {
            let mine = events.filter(|event| viewer.is_entitled_to(event.audience));
            let events: Vec<_> = mine.take(self.portions.batch as usize).cloned().collect();
            let reached = self.end_of_batch(events.iter().map(|event| event.seq), upto);
            return Ok((events, reached));
        }
        drop(state);
        let events = self.read_log(viewer, cursor, upto).await?;
        let reached = self.end_of_batch(events.iter().map(|event| event.seq), upto);
        Ok((events.iter().map(|event| Arc::new(EncodedEvent::new(event))).collect(), reached))
    }

    /// Reads a batch from the log, all there is of it or nothing.
    pub(super) async fn read_log(
        &self,
        viewer: EventViewer,
        cursor: Seq,
        upto: Seq,
    ) -> Result<Vec<LogEvent>, CursorError> {
        let events = self.records.read_log_for(viewer.user_id(), cursor, upto, self.portions.batch).await?;
        // Looked at afterwards: what was pruned while the batch was read is missing from it.
        let oldest = self.records.log_bounds().await?.oldest;
        if oldest > cursor + 1 { Err(CursorError::Pruned) } else { Ok(events) }
    }

    /// Where the next batch begins: after the last of a full one, else where all was looked at.
    fn end_of_batch(&self, seqs: impl ExactSizeIterator<Item = Seq>, upto: Seq) -> Seq {
        let is_full = seqs.len() >= self.portions.batch as usize;
        seqs.last().filter(|_| is_full).unwrap_or(upto)
    }

    /// Every Socket.IO socket there is.
    pub async fn sockets(&self) -> Vec<Socket> {
        let state = self.state.lock().await;
        let outlets = state.connections.values().map(|registration| &registration.connection.sink);
        outlets
            .filter_map(|sink| match sink {
                ConnectionSink::Socket(socket) => Some(socket.clone()),
                ConnectionSink::Stream(_) => None,
            })
            .collect()
    }
}

/// The log's newest events: after a restart all clients come back at once, and ask for little more than these.
async fn ring_of(records: &HubStore, portions: BatchLimits, oldest: Seq, head: Seq) -> Result<EventRing, StoreError> {
    let floor = head.saturating_sub(portions.ring_events as Seq).max(oldest - 1);
    let mut ring = EventRing::at(floor, portions);
    let mut at = floor;
    while at < head {
        let events = records.read_log(at, portions.batch).await?;
        let Some(last) = events.last() else { break };
        at = last.seq;
        events
            .iter()
            .take_while(|event| event.seq <= head)
            .for_each(|event| ring.push(Arc::new(EncodedEvent::new(event))));
    }
    // What another process pruned meanwhile is missing from it.
    if records.log_bounds().await?.oldest > floor + 1 { Ok(EventRing::at(head, portions)) } else { Ok(ring) }
}

impl HubState {
    fn revoke(&mut self, seq: Seq, revocation: Revocation) {
        for HubRegistration { connection, .. } in self.connections.values() {
            if connection.is_revoked_by(&revocation) {
                connection.revoke();
            }
        }
        self.revocations.push_back((seq, revocation));
        if self.revocations.len() > REVOCATIONS_KEPT {
            self.revocations.pop_front();
        }
    }
}

fn leave_rooms(socket: &Socket, connection: &HubConnection) {
    socket.leave(EVERYONE);
    socket.leave(SCRAPER_STATUS);
    if let Some(user) = connection.viewer().user_id() {
        socket.leave(&room_of(user));
    }
}
