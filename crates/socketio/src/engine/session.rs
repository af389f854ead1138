//! An Engine.IO session: queue, timeouts and termination.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::core::{ConnectionPermit, EngineCore};
use super::frame::EngineFrame;
use super::guest::{GuestState, ReportedMemory};
use super::handshake::Handshake;
use super::heartbeat::{Heartbeat, HeartbeatCheck};
use super::inbound::InboundWork;
use super::outbox::FrameQueue;
use super::packet::{MalformedPacket, TextPacket};
use super::session_state::{SessionEnd, SessionLink, SessionPhase};
use super::transport::TransportKind;
use crate::gate::{GateRejection, GuestTicket};
use crate::id::SessionId;
use crate::reason::DisconnectReason;

/// How long a closed long-polling session waits for a poll that fetches the last packets, which may never come.
pub(super) const FAREWELL: Duration = Duration::from_secs(1);

/// Handshakes below this size in bytes are not counted: nearly all are, and counting takes a lock shared by all
/// clients.
const SMALL_HANDSHAKE: usize = 2048;

/// What is needed to open a session.
pub(crate) struct SessionEntry {
    pub(crate) permit: ConnectionPermit,
    pub(crate) ticket: GuestTicket,
    pub(crate) handshake: Handshake,
}

/// A client's session, independent of its transport.
///
/// The fields needed for sending come first, to share as few cache lines as possible.
#[repr(C)]
pub struct EngineSession {
    pub(crate) core: Arc<EngineCore>,
    /// Sequence number, counted from 0.
    pub(crate) number: u64,
    state: Mutex<SessionState>,
    pub(crate) changed: Notify,
    pub(crate) id: SessionId,
    pub(crate) inbound: InboundWork,
    pub(crate) guest: GuestState,
    handshake: Handshake,
    peer: OnceLock<Box<dyn SessionPeer>>,
}

/// Creates the application's part of each session.
pub trait SessionHandler: Send + Sync + 'static {
    /// Called when a session was opened; packets sent here reach the client first. To close the session, wait for the
    /// peer's first message.
    fn opened(&self, session: &Arc<EngineSession>) -> Box<dyn SessionPeer>;
}

/// The application's part of a session.
///
/// Methods are called from the task that reads, so they must not block. An error closes the session.
pub trait SessionPeer: Send + Sync + 'static {
    /// Called for each text message.
    fn text(&self, session: &Arc<EngineSession>, message: &str) -> Result<(), MalformedPacket>;

    /// Called for each binary message.
    fn binary(&self, session: &Arc<EngineSession>, message: Bytes) -> Result<(), MalformedPacket>;

    /// Called once, when the session has ended.
    fn closed(&self, reason: DisconnectReason);
}

/// Reason why a packet was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketRefused {
    /// The queue would exceed [`SocketIoConfig::queue_bytes`](crate::SocketIoConfig::queue_bytes).
    Full,
    /// The session has ended.
    Closed,
}

#[repr(C)]
pub(crate) struct SessionState {
    /// While set, frames are only queued, to be written in one system call.
    pub(super) corked: bool,
    pub(crate) link: SessionLink,
    pub(crate) phase: SessionPhase,
    pub(crate) outbox: FrameQueue,
    pub(crate) heartbeat: Heartbeat,
    /// Task that drives the timeouts and, on WebSocket, reads and writes.
    pub(crate) task: Option<Waker>,
    /// Time since which the peer has accepted none of the queued bytes.
    pub(super) stalled_since: Option<Instant>,
    /// When the peer last accepted queued bytes.
    pub(super) progress: Option<Instant>,
    admit_by: Option<Instant>,
    /// Released when the session ends, even if handlers keep the session longer.
    permit: Option<ConnectionPermit>,
    /// Place in the budget for unauthenticated connections. Boxed, since most sessions live long without one.
    pub(super) ticket: Option<Box<GuestTicket>>,
}

impl EngineSession {
    /// Opens a session; `granted` is sent first on a WebSocket.
    pub(crate) fn open(
        core: &Arc<EngineCore>,
        SessionEntry { permit, ticket, handshake }: SessionEntry,
        link: SessionLink,
        granted: Option<EngineFrame>,
    ) -> Arc<EngineSession> {
        let now = Instant::now();
        let session = Arc::new(EngineSession {
            core: Arc::clone(core),
            id: SessionId::random(),
            number: core.counters.sessions_opened.fetch_add(1, Relaxed),
            inbound: InboundWork::default(),
            guest: GuestState::default(),
            changed: Notify::new(),
            handshake,
            peer: OnceLock::new(),
            state: Mutex::new(SessionState {
                outbox: FrameQueue::default(),
                link,
                phase: SessionPhase::Open,
                heartbeat: Heartbeat::PingAt(now + core.config.ping_interval),
                task: None,
                stalled_since: None,
                progress: None,
                admit_by: Some(now + core.config.connect_timeout),
                corked: false,
                permit: Some(permit),
                ticket: None,
            }),
        });
        session.transport_gauge().fetch_add(1, Relaxed);
        if session.transport() == TransportKind::WebSocket {
            // The OPEN packet is sent before `opened` is called, so it precedes all packets of the application.
            let open = EngineFrame::text(&core.open_packet(session.id, TransportKind::WebSocket));
            match granted {
                Some(granted) => session.transmit(&mut session.lock(), &[granted, open]),
                None => session.transmit(&mut session.lock(), &[open]),
            }
        }
        let peer = core.handler.opened(&session);
        // The cell is set only here.
        let _ = session.peer.set(peer);
        core.insert(&session);
        session.take_place(ticket);
        session
    }

    /// Registers the session in the budget for unauthenticated connections; it may have been evicted already.
    fn take_place(self: &Arc<Self>, ticket: GuestTicket) {
        // Weak, as the budget must not keep the session alive.
        let session = Arc::downgrade(self);
        ticket.open(move || {
            if let Some(session) = session.upgrade() {
                session.abort(DisconnectReason::Evicted);
            }
        });
        let mut state = self.lock();
        if state.phase == SessionPhase::Open && self.guest.is_restricted() {
            state.ticket = Some(Box::new(ticket));
        }
        drop(state);
        if self.handshake.len() > SMALL_HANDSHAKE {
            self.hold(ReportedMemory::Handshake, self.handshake.len());
        }
    }

    /// Returns the request that opened the session.
    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// Returns the current transport.
    pub fn transport(&self) -> TransportKind {
        match self.lock().link {
            SessionLink::Polling(_) => TransportKind::Polling,
            SessionLink::WebSocket(_) => TransportKind::WebSocket,
        }
    }

    /// Returns whether the session accepts packets.
    pub fn is_open(&self) -> bool {
        self.lock().phase == SessionPhase::Open
    }

    /// Returns the number of bytes queued for the peer.
    pub fn queued_bytes(&self) -> usize {
        self.lock().outbox.bytes()
    }

    /// Accepts the client: the timeout for joining a namespace no longer applies, nor do the limits of
    /// [`GuestGate`](crate::GuestGate).
    pub fn admit(&self) {
        let lifted = self.guest.lift();
        let mut state = self.lock();
        state.admit_by = None;
        if lifted {
            state.ticket = None;
            // Reading may have paused at a limit that no longer applies.
            state.wake_task();
            drop(state);
            self.changed.notify_waiters();
        }
    }

    /// Sends frames contiguously, or queues them; never blocks.
    pub fn send(&self, frames: &[EngineFrame]) -> Result<(), PacketRefused> {
        let mut state = self.lock();
        if state.phase != SessionPhase::Open {
            return Err(PacketRefused::Closed);
        }
        let length: usize = frames.iter().map(EngineFrame::len).sum();
        // An empty queue accepts a frame of any size; otherwise a frame above the limit could never be sent.
        if !state.outbox.is_empty() && state.outbox.bytes() + length > self.core.config.queue_bytes {
            return Err(PacketRefused::Full);
        }
        self.transmit(&mut state, frames);
        let queued = state.outbox.bytes();
        drop(state);
        self.core.counters.packets_sent.fetch_add(frames.len() as u64, Relaxed);
        if queued > 0 {
            self.hold_from_anywhere(ReportedMemory::Output, queued);
        }
        Ok(())
    }

    /// Ends the session after its queued packets; official clients will reconnect.
    ///
    /// On long-polling, no CLOSE packet is sent, but the next request is rejected: python-socketio reconnects after
    /// that, but not after a CLOSE packet.
    pub fn close(&self, reason: DisconnectReason) {
        self.close_with(reason, None);
    }

    /// Ends the session after its queued packets, with a CLOSE packet on long-polling, because the client was rejected.
    pub(crate) fn close_for_good(&self, reason: DisconnectReason) {
        self.close_with(reason, Some(EngineFrame::text("1")));
    }

    fn close_with(&self, reason: DisconnectReason, polling_farewell: Option<EngineFrame>) {
        let farewell = match self.transport() {
            TransportKind::Polling => polling_farewell,
            TransportKind::WebSocket if reason == DisconnectReason::ServerShutdown => Some(EngineFrame::close(1001)),
            TransportKind::WebSocket => Some(EngineFrame::close(1000)),
        };
        // A server that shuts down usually stops listening, so a client between two polls cannot poll again.
        let waits = match (self.transport(), reason) {
            (TransportKind::Polling, DisconnectReason::ServerShutdown) => FAREWELL,
            _ => self.core.config.write_deadline,
        };
        self.end(reason, SessionEnd::Flush(farewell, Instant::now() + waits));
    }

    /// Ends the session immediately and drops queued packets.
    pub fn abort(&self, reason: DisconnectReason) {
        self.end(reason, SessionEnd::Abort);
    }

    /// Ends the session. Only the first reason is reported, but an abort also cuts a flush short.
    pub(crate) fn end(&self, reason: DisconnectReason, end: SessionEnd) {
        let mut state = self.lock();
        let first = state.phase == SessionPhase::Open;
        match end {
            SessionEnd::Flush(Some(farewell), deadline) if first => {
                self.transmit(&mut state, &[farewell]);
                state.phase = SessionPhase::Flushing(deadline);
            }
            SessionEnd::Flush(None, _) if first && state.outbox.is_empty() => self.shut(&mut state),
            SessionEnd::Flush(None, deadline) if first => state.phase = SessionPhase::Flushing(deadline),
            SessionEnd::Abort if state.phase != SessionPhase::Closed => self.shut(&mut state),
            _ => return,
        }
        state.wake_all();
        drop(state);
        if first {
            if reason.is_cut_off() {
                self.core.counters.cut_offs.fetch_add(1, Relaxed);
            }
            // Called without the lock: the application may send to other sessions, or drop this one.
            if let Some(peer) = self.peer.get() {
                peer.closed(reason);
            }
        }
        self.changed.notify_waiters();
    }

    /// Marks the session as closed, and releases its resources.
    pub(crate) fn shut(&self, state: &mut SessionState) {
        if state.phase != SessionPhase::Closed {
            state.phase = SessionPhase::Closed;
            state.permit = None;
            state.ticket = None;
            self.transport_gauge_of(&state.link).fetch_sub(1, Relaxed);
            self.core.remove(self.id);
        }
        self.core.counters.queued_bytes.fetch_sub(state.outbox.bytes(), Relaxed);
        state.outbox.clear();
    }

    /// Handles due timeouts and returns when the next one is due; `None` once the session has ended.
    pub(crate) fn tick(&self, now: Instant) -> Option<Instant> {
        let mut state = self.lock();
        match state.phase {
            SessionPhase::Closed => return None,
            SessionPhase::Flushing(until) if now < until => return Some(until),
            SessionPhase::Flushing(_) => {
                drop(state);
                self.abort(DisconnectReason::WriteDeadline);
                return None;
            }
            SessionPhase::Open => {}
        }
        let config = &self.core.config;
        // While reading is paused, a pong could not be seen.
        if self.is_behind() {
            state.heartbeat.excuse(now, config.ping_timeout);
        }
        let progress = state.progress;
        let mut beat = state.heartbeat.beat(now, config.ping_timeout, progress);
        if beat == HeartbeatCheck::Ping {
            self.transmit_urgent(&mut state, self.core.ping.clone());
            beat = state.heartbeat.beat(now, config.ping_timeout, progress);
        }
        let stalled = state.stalled_since.map(|at| at + config.write_deadline);
        let admit_by = state.admit_by;
        let queued = state.outbox.bytes();
        drop(state);
        self.hold(ReportedMemory::Output, queued);
        match beat {
            HeartbeatCheck::Wait(_) if stalled.is_some_and(|at| at <= now) => {
                self.abort(DisconnectReason::WriteDeadline);
            }
            HeartbeatCheck::Wait(_) if admit_by.is_some_and(|at| at <= now) => {
                self.core.reject(GateRejection::ConnectTimeout, self.handshake.client());
                self.close(DisconnectReason::ConnectTimeout);
            }
            HeartbeatCheck::Wait(at) => return Some(at.min(stalled.unwrap_or(at)).min(admit_by.unwrap_or(at))),
            HeartbeatCheck::Ping | HeartbeatCheck::Dead => self.abort(DisconnectReason::PingTimeout),
        }
        self.tick(now)
    }

    /// Processes a text packet. `Ok(false)` means that the client closed the session.
    pub(crate) fn receive_text(self: &Arc<Self>, text: &str) -> Result<bool, MalformedPacket> {
        self.core.counters.packets_received.fetch_add(1, Relaxed);
        self.core.counters.bytes_received.fetch_add(text.len() as u64, Relaxed);
        self.count_packet()?;
        match TextPacket::parse(text)? {
            TextPacket::Message(message) => self.peer.get().ok_or(MalformedPacket)?.text(self, message)?,
            TextPacket::Pong => {
                let interval = self.core.config.ping_interval;
                let mut state = self.lock();
                state.heartbeat.pong(Instant::now(), interval);
                // The next ping may be due earlier than the timeout that the task is waiting for.
                state.wake_task();
            }
            TextPacket::Noop => {}
            TextPacket::Close => return Ok(false),
            // In Engine.IO 4 the server pings, and an upgrade is only valid during a probe.
            TextPacket::Ping(_) | TextPacket::Upgrade => return Err(MalformedPacket),
        }
        Ok(true)
    }

    /// Processes a binary message.
    pub(crate) fn receive_binary(self: &Arc<Self>, data: Bytes) -> Result<(), MalformedPacket> {
        self.core.counters.packets_received.fetch_add(1, Relaxed);
        self.core.counters.bytes_received.fetch_add(data.len() as u64, Relaxed);
        self.count_packet()?;
        self.peer.get().ok_or(MalformedPacket)?.binary(self, data)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, SessionState> {
        self.state.lock()
    }
}
