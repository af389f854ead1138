//! A client's connection to one namespace.

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

/// A client connected to a namespace; clones refer to the same socket.
#[derive(Clone)]
pub struct Socket(Arc<SocketInner>);

/// Reason why a packet was not sent.
#[derive(Debug, Error)]
pub enum SendError {
    /// The packet does not fit into the socket's queue.
    #[error("the socket's queue is full")]
    Full,
    /// The socket is not connected.
    #[error("the socket is not connected")]
    Closed,
    /// The arguments cannot be serialized as JSON.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// The fields needed for sending come first, to share as few cache lines as possible.
#[repr(C)]
struct SocketInner {
    session: Arc<EngineSession>,
    phase: AtomicU8,
    id: SocketId,
    namespace: Namespace,
    extensions: SocketExtensions,
    jobs: Mutex<JobQueue>,
    memberships: Mutex<Option<Vec<RoomMembership>>>,
    // Boxed, since few sockets ever use acknowledgements.
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

    /// Returns the public id.
    pub fn id(&self) -> SocketId {
        self.0.id
    }

    /// Returns the namespace.
    pub fn namespace(&self) -> &Namespace {
        &self.0.namespace
    }

    /// Returns the attached data.
    pub fn extensions(&self) -> &SocketExtensions {
        &self.0.extensions
    }

    /// Returns the HTTP request that opened the session.
    pub fn handshake(&self) -> &Handshake {
        self.0.session.handshake()
    }

    /// Returns the current transport.
    pub fn transport(&self) -> TransportKind {
        self.0.session.transport()
    }

    /// Returns whether the socket is connected.
    pub fn is_connected(&self) -> bool {
        self.0.phase.load(Acquire) == CONNECTED
    }

    /// Encodes and sends an event, with `args` encoded as by [`EventPacket::event`].
    ///
    /// A socket whose queue is full is disconnected, as the event would be lost silently. Use [`Self::send`] to decide
    /// otherwise.
    pub fn emit(&self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<(), SendError> {
        self.send_or_cut_off(&EventPacket::event(self.namespace().name(), event, args)?)
    }

    /// Sends an encoded packet; never blocks.
    pub fn send(&self, packet: &EventPacket) -> Result<(), SendError> {
        self.send_frames(packet.frames())
    }

    /// Sends encoded packets contiguously in one system call, all or none; never blocks.
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

    /// Adds the socket to a room.
    pub fn join(&self, room: &str) -> Result<(), JoinError> {
        if !self.is_connected() {
            return Err(JoinError::Closed);
        }
        self.0.namespace.rooms_mut().join(self, room, self.config().max_rooms_per_socket)
    }

    /// Removes the socket from a room.
    pub fn leave(&self, room: &str) {
        self.0.namespace.rooms_mut().leave(self, room);
    }

    /// Returns the rooms of the socket, except the one named by its id.
    pub fn rooms(&self) -> Vec<Arc<str>> {
        self.memberships().iter().flatten().map(|membership| Arc::clone(membership.room())).collect()
    }

    /// Returns whether the socket is in a room; it is always in the one named by its id.
    pub fn in_room(&self, room: &str) -> bool {
        self.id().as_str() == room || self.memberships().iter().flatten().any(|membership| &**membership.room() == room)
    }

    /// Disconnects the socket from the namespace. Official clients do not reconnect after that.
    pub fn disconnect(&self) {
        if self.is_connected() {
            // If the queue is full, the packet cannot be delivered.
            let sent = self.send(&EventPacket::disconnect(self.namespace().name()));
            self.end(DisconnectReason::ServerNamespaceDisconnect);
            if matches!(sent, Err(SendError::Full)) {
                self.abort(DisconnectReason::QueueOverflow);
            }
        }
    }

    /// Closes the connection after the queued packets. Official clients reconnect after that.
    pub fn close_transport(&self, reason: DisconnectReason) {
        self.0.session.close(reason);
    }

    /// Closes the connection immediately and drops queued packets.
    pub fn abort(&self, reason: DisconnectReason) {
        self.0.session.abort(reason);
    }

    /// Returns the number of bytes queued for the peer.
    pub fn queued_bytes(&self) -> usize {
        self.0.session.queued_bytes()
    }

    /// Waits until at most `low_water` bytes are queued for the peer, or the socket is disconnected.
    pub async fn drained(&self, low_water: usize) {
        self.0.session.until(|session| !self.is_connected() || session.queued_bytes() <= low_water).await;
    }

    /// Waits until the socket is disconnected.
    pub async fn closed(&self) {
        self.0.session.until(|_| !self.is_connected()).await;
    }

    /// Sends a packet, and disconnects the socket if its queue is full.
    pub(crate) fn send_or_cut_off(&self, packet: &EventPacket) -> Result<(), SendError> {
        let sent = self.send(packet);
        if matches!(sent, Err(SendError::Full)) {
            self.abort(DisconnectReason::QueueOverflow);
        }
        sent
    }

    /// Accepts the client. The response is sent before the socket becomes reachable, so it precedes all other packets.
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
        // If the socket is closed concurrently, the runner processes the disconnect job afterwards and removes it
        // again.
        self.0.namespace.rooms_mut().insert(self.clone());
        true
    }

    /// Rejects the client.
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

    /// Marks the socket as disconnected; only the first reason counts.
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

    /// Loads the cache lines needed for sending. It does not touch the lock, which would have to be awaited.
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
