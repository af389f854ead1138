//! The hub: delivers every event of the log to every connection entitled to it, in order, exactly once.

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

/// Rooms contain live connections only: those that have been sent everything up to the hub's own position. One that falls
/// behind leaves all rooms and is served from the log.
pub(super) const EVERYONE: &str = "everyone";
pub(super) const SCRAPER_STATUS: &str = "scraper_status";

pub(super) fn room_of(user: UserId) -> String {
    format!("user:{user}")
}

/// Identifies a connection within this process, in order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConnectionId(u64);
pub struct EnteredConnection {
    /// Identifier, needed for [`EventHub::leave`].
    pub id: ConnectionId,
    pub connection: Arc<HubConnection>,
}

/// Delivers events to connections. The fields outside of `state` are immutable or synchronized.
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
    /// Half of a connection's send queue, in bytes: the share of catch-up.
    pub(super) half_queue_bytes: usize,
    pub(super) state: Mutex<HubState>,
    /// The hub's position in the log, for readers at their own pace.
    head: watch::Sender<Seq>,
    /// The newest scraper status: one JSON object without `seq`.
    status: watch::Sender<Arc<str>>,
}

/// A connection that the hub delivers to; removed from all counts on drop.
struct HubRegistration {
    connection: Arc<HubConnection>,
    _present: PresenceEntry,
    _counted: Option<Arc<CountedConnection>>,
}

pub(super) struct HubState {
    pub(super) delivered: Seq,
    pub(super) ring: EventRing,
    /// The newest revocations with their `seq`, for credentials that were checked just before.
    revocations: VecDeque<(Seq, Revocation)>,
    /// In order of arrival.
    connections: BTreeMap<ConnectionId, HubRegistration>,
    next_id: u64,
}

/// Reason for which a connection cannot be served from its cursor; its client has to reconnect.
#[derive(Debug, thiserror::Error)]
pub enum CursorError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The events after the cursor were pruned while it was being served.
    #[error("the events after the cursor were pruned")]
    Pruned,
}

/// Number of connections from which a delivery blocks its thread for milliseconds.
const MANY: usize = 250;
/// Maximum revocations remembered; more cannot occur between checking a credential and [`EventHub::enter`].
const REVOCATIONS_KEPT: usize = 1024;

/// Runs `work` via `block_in_place` if it may take milliseconds, so that other tasks are not starved.
fn run_blocking_if_large(takes_long: bool, work: impl FnOnce()) {
    // `block_in_place` panics on a single-threaded runtime, as used by tests.
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    if takes_long && matches!(flavor, Ok(RuntimeFlavor::MultiThread)) { block_in_place(work) } else { work() }
}

impl EventHub {
    /// Creates a hub that is positioned at the end of the log.
    pub async fn new(
        base: &HubDeps,
        namespace: Namespace,
        lifecycle: Lifecycle,
        queue_bytes: usize,
        portions: BatchLimits,
    ) -> Result<Arc<Self>, StoreError> {
        let HubDeps { records, clock, auth, metrics, refusals, presence, .. } = base;
        // Read first: what is committed later is delivered by the tail.
        let LogBounds { oldest, head: delivered } = records.log_bounds().await?;
        let (status, at) = records.scraper_status().await?;
        let status = ScraperStatus::new(&status, at).to_json();
        let status =
            status.map_err(|error| StoreError::InvalidEvent(format!("the scraper status is not JSON: {error}")))?;
        metrics.log_at(delivered);
        let state = HubState {
            delivered,
            ring: EventRing::load(records, portions, oldest, delivered).await?,
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

    /// Returns the hub's position in the log.
    pub fn delivered(&self) -> Seq {
        *self.head.borrow()
    }

    /// Subscribes to the hub's position in the log.
    pub fn follow(&self) -> watch::Receiver<Seq> {
        self.head.subscribe()
    }

    /// Subscribes to the scrapers' status.
    pub fn follow_status(&self) -> watch::Receiver<Arc<str>> {
        self.status.subscribe()
    }

    /// Reads the next events of the log, for any audience.
    pub(super) async fn next_events(&self) -> Result<Vec<LogEvent>, CursorError> {
        let delivered = self.delivered();
        let events = self.records.next_events(delivered, self.portions.batch).await?;
        // Nearly always the next event has the next number. Otherwise numbers were skipped, or the events between were
        // pruned.
        let skips = events.first().is_some_and(|event| event.seq > delivered + 1);
        if skips && self.records.log_bounds().await?.oldest > delivered + 1 {
            Err(CursorError::Pruned)
        } else {
            Ok(events)
        }
    }

    /// Delivers the next events of the log to every live connection entitled to them.
    pub async fn deliver(self: &Arc<Self>, events: &[LogEvent]) {
        let for_everyone = |event: &LogEvent| event.audience == Audience::Everyone;
        for run in events.chunk_by(|one, next| for_everyone(one) && for_everyone(next)) {
            for piece in run.chunks(self.portions.piece) {
                self.deliver_piece(piece).await;
            }
        }
    }

    /// Delivers one event, or a run of events for everyone with a single write per socket.
    async fn deliver_piece(self: &Arc<Self>, events: &[LogEvent]) {
        let (Some(first), Some(last)) = (events.first(), events.last()) else { return };
        let encoded: Vec<Arc<EncodedEvent>> = events.iter().map(|event| Arc::new(EncodedEvent::new(event))).collect();
        // One lock for the ring, the position and the rooms: a connection that catches up sees all three change together.
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

    /// Sends to a room; a socket whose queue is full leaves its rooms and is served from its cursor. Called under the hub's
    /// lock.
    fn send_to(self: &Arc<Self>, room: &str, events: &[Arc<EncodedEvent>]) {
        let Some(first) = events.first() else { return };
        let delivery = self.namespace.to(room).send_all(events.iter().map(|event| &event.packet));
        for socket in delivery.full {
            let Some(entered) = socket.extensions().get::<EnteredConnection>() else {
                continue;
            };
            let connection = &entered.connection;
            leave_rooms(&socket, connection);
            // A batch is sent as a whole or not at all, so it is sent again from its first event.
            connection.set_cursor(first.seq - 1);
            self.metrics.fell_behind();
            self.serve(Arc::clone(connection), socket);
        }
    }

    /// Registers a connection whose credential was checked when the hub was at `checked_at`.
    ///
    /// Returns `None` if the credential has been revoked since: the revocation's event may have been delivered before the
    /// connection was registered.
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
    pub async fn leave(&self, id: ConnectionId) {
        self.state.lock().await.connections.remove(&id);
    }

    /// Removes a connection from a context that cannot wait, such as `Drop`.
    pub fn leave_soon(self: &Arc<Self>, id: ConnectionId) {
        let hub = Arc::clone(self);
        self.lifecycle.run(async move { hub.leave(id).await });
    }

    /// Ends all event streams; their clients reconnect by themselves.
    pub async fn end_streams(&self) {
        for HubRegistration { connection, .. } in self.state.lock().await.connections.values() {
            if let ConnectionSink::Stream(stop) = &connection.sink {
                stop.cancel();
            }
        }
    }

    /// Serves a new socket from its cursor.
    pub async fn begin(self: &Arc<Self>, connection: Arc<HubConnection>, socket: Socket) {
        if !self.catch_up_at_once(&connection, &socket).await {
            self.serve(connection, socket);
        }
    }

    /// Starts a task that serves a socket from its cursor.
    fn serve(self: &Arc<Self>, connection: Arc<HubConnection>, socket: Socket) {
        self.lifecycle.run(Arc::clone(self).catch_up(connection, socket));
    }

    /// Subscribes a socket to the scrapers' status, and sends it the current one.
    pub async fn subscribe(&self, connection: &HubConnection, socket: &Socket) {
        let _state = self.state.lock().await;
        connection.set_subscribed(true);
        let _ = emit(socket, &ConnectionEvent::Subscribed(ChannelSubscription { channel: SCRAPER_STATUS }));
        let sent = self.send_status(socket);
        // A socket that is catching up receives the status again when it joins.
        if socket.in_room(EVERYONE) {
            if let Err(SendError::Full) = sent {
                socket.abort(DisconnectReason::QueueOverflow);
            }
            let _ = socket.join(SCRAPER_STATUS);
        }
    }

    /// Ends the subscription of a socket to the scrapers' status.
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

    /// Returns the events after `cursor` for a viewer, and the cursor for the next call.
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

    /// Reads a batch from the log, complete or not at all.
    pub(super) async fn read_log(
        &self,
        viewer: EventViewer,
        cursor: Seq,
        upto: Seq,
    ) -> Result<Vec<LogEvent>, CursorError> {
        let events = self.records.read_log_for(viewer.user_id(), cursor, upto, self.portions.batch).await?;
        // Checked after reading: events that were pruned in the meantime are missing from the batch.
        let oldest = self.records.log_bounds().await?.oldest;
        if oldest > cursor + 1 { Err(CursorError::Pruned) } else { Ok(events) }
    }

    /// Returns the cursor after a batch: its last event if it is full, otherwise the position up to which was searched.
    fn end_of_batch(&self, seqs: impl ExactSizeIterator<Item = Seq>, upto: Seq) -> Seq {
        let is_full = seqs.len() >= self.portions.batch as usize;
        seqs.last().filter(|_| is_full).unwrap_or(upto)
    }
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
