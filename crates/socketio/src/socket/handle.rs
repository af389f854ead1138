//! A client's membership in one namespace.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use parking_lot::{Mutex, MutexGuard};
use serde::Serialize;
use thiserror::Error;

use super::event::{JobQueue, SocketJob};
use super::extensions::SocketExtensions;
use super::namespace::Namespace;
use super::packet::{EncodeError, EventPacket};
use super::pending::PendingAcks;
use super::refusal::ConnectRefusal;
use super::rooms::{JoinError, RoomMember, RoomMembership};
use crate::config::SocketIoConfig;
use crate::engine::handshake::Handshake;
use crate::engine::{EngineFrame, EngineSession, PacketRefused, TransportKind};
use crate::id::SocketId;
use crate::reason::DisconnectReason;

/// A connected client in one namespace; clones are handles to the same socket.
#[derive(Clone)]
pub struct Socket(Arc<SocketInner>);

/// Why a packet was not sent.
#[derive(Debug, Error)]
pub enum SendError {
    /// The socket's queue has no room for it.
    #[error("the socket's queue is full")]
    Full,
    /// The socket is not connected.
    #[error("the socket is not connected")]
    Closed,
    /// The arguments are not JSON.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// What sending needs comes first, in as few lines of the processor's cache as can be.
#[repr(C)]
struct SocketInner {
    session: Arc<EngineSession>,
    phase: AtomicU8,
    id: SocketId,
    namespace: Namespace,
    extensions: SocketExtensions,
    jobs: Mutex<JobQueue>,
    memberships: Mutex<Option<Vec<RoomMembership>>>,
    // Few sockets are ever asked for an acknowledgement.
    pending: Mutex<Option<Box<PendingAcks>>>,
}

const CONNECTING: u8 = 0;
const CONNECTED: u8 = 1;
const CLOSED: u8 = 2;

impl Socket {
    pub(crate) fn new(session: &Arc<EngineSession>, namespace: Namespace) -> Socket {
        Socket(Arc::new(SocketInner {
            session: Arc::clone(session),
            phase: AtomicU8::new(CONNECTING),
            id: SocketId::random(),
            namespace,
            extensions: SocketExtensions::default(),
            jobs: Mutex::default(),
            memberships: Mutex::default(),
            pending: Mutex::default(),
        }))
    }

    /// The socket's public id.
    pub fn id(&self) -> SocketId {
        self.0.id
    }

    /// The namespace the socket is in.
    pub fn namespace(&self) -> &Namespace {
        &self.0.namespace
    }

    /// The socket's typed data.
    pub fn extensions(&self) -> &SocketExtensions {
        &self.0.extensions
    }

    /// The HTTP request the connection began with.
    pub fn handshake(&self) -> &Handshake {
        self.0.session.handshake()
    }

    /// The transport in use now.
    pub fn transport(&self) -> TransportKind {
        self.0.session.transport()
    }

    /// Whether the socket is connected.
    pub fn is_connected(&self) -> bool {
        self.0.phase.load(Acquire) == CONNECTED
    }

    /// Encodes and sends an event; `args` are read as [`EventPacket::event`] reads them.
    ///
    /// A socket that has no room for it is cut off, as the event would be lost unnoticed. Use
    /// [`Self::send`] to decide otherwise.
    pub fn emit(&self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<(), SendError> {
        self.send_or_cut_off(&EventPacket::event(self.namespace().name(), event, args)?)
    }

    /// Sends an encoded packet; never waits.
    pub fn send(&self, packet: &EventPacket) -> Result<(), SendError> {
        self.send_frames(packet.frames())
    }

    /// Sends encoded packets one behind the other, all of them or none; never waits. The kernel gets them in one call.
    pub fn send_all<'p>(&self, packets: impl IntoIterator<Item = &'p EventPacket>) -> Result<(), SendError> {
        let frames: Vec<EngineFrame> = packets.into_iter().flat_map(EventPacket::frames).cloned().collect();
        if frames.is_empty() { Ok(()) } else { self.send_frames(&frames) }
    }

    pub(crate) fn send_frames(&self, frames: &[EngineFrame]) -> Result<(), SendError> {
        if !self.is_connected() {
            return Err(SendError::Closed);
        }
        self.0.session.send(frames).map_err(|refused| match refused {
            PacketRefused::Full => SendError::Full,
            PacketRefused::Closed => SendError::Closed,
        })
    }

    /// Puts the socket into a room.
    pub fn join(&self, room: &str) -> Result<(), JoinError> {
        if !self.is_connected() {
            return Err(JoinError::Closed);
        }
        self.0.namespace.rooms_mut().join(self, room, self.config().max_rooms_per_socket)
    }

    /// Takes the socket out of a room.
    pub fn leave(&self, room: &str) {
        self.0.namespace.rooms_mut().leave(self, room);
    }

    /// The rooms the socket is in, besides its own.
    pub fn rooms(&self) -> Vec<Arc<str>> {
        self.memberships().iter().flatten().map(|membership| Arc::clone(membership.room())).collect()
    }

    /// Whether the socket is in a room; it always is in the one named by its id.
    pub fn in_room(&self, room: &str) -> bool {
        self.id().as_str() == room || self.memberships().iter().flatten().any(|membership| &**membership.room() == room)
    }

    /// Makes the client leave the namespace. Official clients do not come back by themselves.
    pub fn disconnect(&self) {
        if self.is_connected() {
            // When there is no room for the packet the peer is beyond hearing it.
            let sent = self.send(&EventPacket::disconnect(self.namespace().name()));
            self.end(DisconnectReason::ServerNamespaceDisconnect);
            if matches!(sent, Err(SendError::Full)) {
                self.abort(DisconnectReason::QueueOverflow);
            }
        }
    }

    /// Closes the whole connection after what is queued for it. Official clients come back.
    pub fn close_transport(&self, reason: DisconnectReason) {
        self.0.session.close(reason);
    }

    /// Ends the whole connection at once and drops what is queued for it.
    pub fn abort(&self, reason: DisconnectReason) {
        self.0.session.abort(reason);
    }

    /// The bytes that wait for the peer.
    pub fn queued_bytes(&self) -> usize {
        self.0.session.queued_bytes()
    }

    /// Waits until at most `low_water` bytes wait for the peer, or the socket is disconnected.
    pub async fn drained(&self, low_water: usize) {
        self.0.session.until(|session| !self.is_connected() || session.queued_bytes() <= low_water).await;
    }

    /// Waits until the socket is disconnected.
    pub async fn closed(&self) {
        self.0.session.until(|_| !self.is_connected()).await;
    }

    /// Sends a packet nobody looks after when it does not fit.
    pub(crate) fn send_or_cut_off(&self, packet: &EventPacket) -> Result<(), SendError> {
        let sent = self.send(packet);
        if matches!(sent, Err(SendError::Full)) {
            self.abort(DisconnectReason::QueueOverflow);
        }
        sent
    }

    /// The client may come in: tells it so, before anybody else can tell it anything.
    pub(crate) fn accept(&self) -> bool {
        let session = &self.0.session;
        session.admit();
        let reply = EventPacket::connect(self.namespace().name(), self.id().as_str());
        match session.send(reply.frames()) {
            Ok(()) => {}
            Err(PacketRefused::Full) => session.abort(DisconnectReason::QueueOverflow),
            Err(PacketRefused::Closed) => return false,
        }
        if self.0.phase.compare_exchange(CONNECTING, CONNECTED, AcqRel, Acquire).is_err() {
            return false;
        }
        session.core.counters.sockets.fetch_add(1, Relaxed);
        // Should the end come first, the runner still takes the socket out again afterwards.
        self.0.namespace.rooms_mut().insert(self.clone());
        true
    }

    /// The client may not come in.
    pub(crate) fn refuse(&self, refusal: &ConnectRefusal) {
        self.end(DisconnectReason::ServerNamespaceDisconnect);
        let packet = EventPacket::connect_error(self.namespace().name(), &refusal.message, refusal.data.as_ref());
        if !refusal.silent && self.0.session.send(packet.frames()) == Err(PacketRefused::Full) {
            self.abort(DisconnectReason::QueueOverflow);
        }
        match (refusal.close, refusal.silent) {
            (true, true) => self.close_transport(DisconnectReason::Closed("connection refused for now")),
            (true, false) => self.0.session.close_for_good(DisconnectReason::Closed("connection refused")),
            (false, _) => {}
        }
    }

    /// The socket is connected no longer; only the first reason counts.
    pub(crate) fn end(&self, reason: DisconnectReason) {
        let before = self.0.phase.swap(CLOSED, AcqRel);
        if before != CLOSED {
            *self.pending() = None;
            self.0.session.changed.notify_waiters();
        }
        if before == CONNECTED {
            self.0.session.core.counters.sockets.fetch_sub(1, Relaxed);
            self.enqueue_at_once(SocketJob::Disconnect(reason), 0);
        }
    }

    /// Has the processor fetch what sending will look at. The lock is left alone: it would have to be waited for.
    pub(crate) fn touch(&self) {
        black_box(self.0.phase.load(Relaxed));
        black_box(self.0.session.number);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.0.phase.load(Acquire) == CLOSED
    }

    pub(crate) fn session(&self) -> &Arc<EngineSession> {
        &self.0.session
    }

    pub(crate) fn config(&self) -> &SocketIoConfig {
        &self.0.session.core.config
    }

    pub(crate) fn jobs(&self) -> MutexGuard<'_, JobQueue> {
        self.0.jobs.lock()
    }

    pub(crate) fn pending(&self) -> MutexGuard<'_, Option<Box<PendingAcks>>> {
        self.0.pending.lock()
    }
}

impl RoomMember for Socket {
    fn id(&self) -> SocketId {
        self.0.id
    }

    fn memberships(&self) -> MutexGuard<'_, Option<Vec<RoomMembership>>> {
        self.0.memberships.lock()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("id", &self.id()).field("namespace", &self.namespace().name()).finish()
    }
}
