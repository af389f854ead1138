//! One Engine.IO session: its queue, its clock, its end.

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
use super::transport::TransportKind;
use super::wire::DirectWriter;
use crate::gate::{GateRejection, GuestTicket};
use crate::id::SessionId;
use crate::reason::DisconnectReason;

/// How long a closed session on long-polling waits for the poll that fetches its farewell, where there may be none.
pub(super) const FAREWELL: Duration = Duration::from_secs(1);

/// A handshake of fewer bytes is not counted: nearly all are, and counting costs every client a lock.
const SMALL_HANDSHAKE: usize = 2048;

/// What a session is opened with.
pub(crate) struct SessionEntry {
    pub(crate) permit: ConnectionPermit,
    pub(crate) ticket: GuestTicket,
    pub(crate) handshake: Handshake,
}

/// A client's session, whichever transport it is on.
///
/// What sending needs comes first, in as few lines of the processor's cache as can be.
#[repr(C)]
pub struct EngineSession {
    pub(crate) core: Arc<EngineCore>,
    /// How many were opened before it.
    pub(crate) number: u64,
    state: Mutex<SessionState>,
    pub(crate) changed: Notify,
    pub(crate) id: SessionId,
    pub(crate) inbound: InboundWork,
    pub(crate) guest: GuestState,
    handshake: Handshake,
    peer: OnceLock<Box<dyn SessionPeer>>,
}

/// Makes the counterpart of each new session.
pub trait SessionHandler: Send + Sync + 'static {
    /// A session was opened; what is sent now reaches the client first. To close the session,
    /// wait for the peer's first message.
    fn opened(&self, session: &Arc<EngineSession>) -> Box<dyn SessionPeer>;
}

/// What the application has for one session.
///
/// Methods are called from the task that reads and must not block; an error closes the session.
pub trait SessionPeer: Send + Sync + 'static {
    /// A text message arrived.
    fn text(&self, session: &Arc<EngineSession>, message: &str) -> Result<(), MalformedPacket>;

    /// A binary message arrived.
    fn binary(&self, session: &Arc<EngineSession>, message: Bytes) -> Result<(), MalformedPacket>;

    /// The session ended; called once.
    fn closed(&self, reason: DisconnectReason);
}

/// Why a packet was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketRefused {
    /// The queue would exceed its cap.
    Full,
    /// The session has ended.
    Closed,
}

#[repr(C)]
pub(crate) struct SessionState {
    /// What is sent is gathered, to be handed to the kernel in one call.
    pub(super) corked: bool,
    pub(crate) link: SessionLink,
    pub(crate) phase: SessionPhase,
    pub(crate) outbox: FrameQueue,
    pub(crate) heartbeat: Heartbeat,
    /// The task that keeps the session's time, and on WebSocket reads and writes.
    pub(crate) task: Option<Waker>,
    /// Since when the peer has taken nothing of what waits for it.
    pub(super) stalled_since: Option<Instant>,
    /// When the peer last took something that had waited for it.
    pub(super) progress: Option<Instant>,
    admit_by: Option<Instant>,
    /// Given back at the end, however long handlers hold on to the session.
    permit: Option<ConnectionPermit>,
    /// The place in the budget of guests, until the client is let in. Boxed, as most sessions live long without one.
    pub(super) ticket: Option<Box<GuestTicket>>,
}

/// What carries the packets now.
pub(crate) enum SessionLink {
    Polling(PollingState),
    WebSocket(Option<DirectWriter>),
}

#[derive(Default)]
pub(crate) struct PollingState {
    /// A poll is waiting for packets.
    pub(crate) parked: bool,
    pub(crate) waker: Option<Waker>,
    /// A POST is being read.
    pub(crate) posting: bool,
    pub(crate) upgrade: UpgradeState,
}

/// How far a WebSocket is that wants to take over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum UpgradeState {
    #[default]
    None,
    Claimed,
    /// The client tried it out: polls are to end.
    Probed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionPhase {
    Open,
    /// Closed for everybody, while the transport may still take what is queued until then.
    Flushing(Instant),
    Closed,
}

/// How a session ends.
pub(crate) enum SessionEnd {
    /// At once; what is queued is dropped.
    Abort,
    /// After what is queued and this last packet, if there is one, within this deadline.
    Flush(Option<EngineFrame>, Instant),
}

impl EngineSession {
    /// Opens a session; `granted` goes before what a WebSocket is sent first.
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
            let open = EngineFrame::text(&core.open_packet(session.id, TransportKind::WebSocket));
            match granted {
                Some(granted) => session.transmit(&mut session.lock(), &[granted, open]),
                None => session.transmit(&mut session.lock(), &[open]),
            }
        }
        let peer = core.handler.opened(&session);
        // The cell is filled here and nowhere else.
        let _ = session.peer.set(peer);
        core.insert(&session);
        session.take_place(ticket);
        session
    }

    /// Takes a place in the budget of guests, which may be lost already.
    fn take_place(self: &Arc<Self>, ticket: GuestTicket) {
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

    /// The request the session began with.
    pub fn handshake(&self) -> &Handshake {
        &self.handshake
    }

    /// The transport in use now.
    pub fn transport(&self) -> TransportKind {
        match self.lock().link {
            SessionLink::Polling(_) => TransportKind::Polling,
            SessionLink::WebSocket(_) => TransportKind::WebSocket,
        }
    }

    /// Whether the session takes packets.
    pub fn is_open(&self) -> bool {
        self.lock().phase == SessionPhase::Open
    }

    /// The bytes that wait for the peer.
    pub fn queued_bytes(&self) -> usize {
        self.lock().outbox.bytes()
    }

    /// The client may stay: it is no longer closed for having joined nothing, and the limits of [`GuestGate`](crate::GuestGate) do not
    /// apply to it any more.
    pub fn admit(&self) {
        let lifted = self.guest.lift();
        let mut state = self.lock();
        state.admit_by = None;
        if lifted {
            state.ticket = None;
            // Reading may have paused at a limit that is gone.
            state.wake_task();
            drop(state);
            self.changed.notify_waiters();
        }
    }

    /// Hands frames, in one piece, to the transport or its queue; never waits.
    pub fn send(&self, frames: &[EngineFrame]) -> Result<(), PacketRefused> {
        let mut state = self.lock();
        if state.phase != SessionPhase::Open {
            return Err(PacketRefused::Closed);
        }
        let length: usize = frames.iter().map(EngineFrame::len).sum();
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

    /// Ends the session after what is queued for it; official clients reconnect.
    ///
    /// On polling nothing follows what is queued, and the next request is refused: python-socketio reconnects after that, but
    /// not after Engine.IO's CLOSE packet.
    pub fn close(&self, reason: DisconnectReason) {
        self.close_with(reason, None);
    }

    /// Ends the session after what is queued for it, with a CLOSE packet on polling: the client was refused.
    pub(crate) fn close_for_good(&self, reason: DisconnectReason) {
        self.close_with(reason, Some(EngineFrame::text("1")));
    }

    fn close_with(&self, reason: DisconnectReason, polling_farewell: Option<EngineFrame>) {
        let farewell = match self.transport() {
            TransportKind::Polling => polling_farewell,
            TransportKind::WebSocket if reason == DisconnectReason::ServerShutdown => Some(EngineFrame::close(1001)),
            TransportKind::WebSocket => Some(EngineFrame::close(1000)),
        };
        // A server that shuts down listens no more, as a rule, so a client that is between two polls may never poll again.
        let waits = match (self.transport(), reason) {
            (TransportKind::Polling, DisconnectReason::ServerShutdown) => FAREWELL,
            _ => self.core.config.write_deadline,
        };
        self.end(reason, SessionEnd::Flush(farewell, Instant::now() + waits));
    }

    /// Ends the session at once and drops what is queued.
    pub fn abort(&self, reason: DisconnectReason) {
        self.end(reason, SessionEnd::Abort);
    }

    /// Ends the session; only the first reason counts, but an abort cuts a flush short.
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
            if let Some(peer) = self.peer.get() {
                peer.closed(reason);
            }
        }
        self.changed.notify_waiters();
    }

    /// The transport has nothing more to do.
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

    /// Looks at the clock, does what is due, and says when to look again; `None` at the end.
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
                self.abort(DisconnectReason::WriteDeadline)
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

    /// A text packet arrived. `Ok(false)`: it was the client's farewell.
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
                // The next ping may be due before the pong that was waited for had to be here.
                state.wake_task();
            }
            TextPacket::Noop => {}
            TextPacket::Close => return Ok(false),
            // The server is the one to ping, and a finished upgrade cannot be finished again.
            TextPacket::Ping(_) | TextPacket::Upgrade => return Err(MalformedPacket),
        }
        Ok(true)
    }

    /// A binary message arrived.
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
