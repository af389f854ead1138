//! The transport, phase and end of a session.

use std::task::Waker;

use tokio::time::Instant;

use super::frame::EngineFrame;
use super::wire::DirectWriter;

/// The current transport.
pub(crate) enum SessionLink {
    Polling(PollingState),
    WebSocket(Option<DirectWriter>),
}

#[derive(Default)]
pub(crate) struct PollingState {
    /// A GET request is waiting for packets.
    pub(crate) parked: bool,
    pub(crate) waker: Option<Waker>,
    /// A POST request is being read.
    pub(crate) posting: bool,
    pub(crate) upgrade: UpgradeState,
}

/// Progress of an upgrade to WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum UpgradeState {
    #[default]
    None,
    Claimed,
    /// The client has probed the WebSocket: pending polls must be answered.
    Probed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionPhase {
    Open,
    /// Ended for the application, but the transport may deliver queued packets until this time.
    Flushing(Instant),
    Closed,
}

/// How a session ends.
pub(crate) enum SessionEnd {
    /// Immediately; queued packets are dropped.
    Abort,
    /// After the queued packets and an optional last one, at the latest at the deadline.
    Flush(Option<EngineFrame>, Instant),
}
