//! Counters for monitoring.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// A snapshot of a server's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerStats {
    /// Open connections.
    pub connections: usize,
    /// Open connections on HTTP long-polling.
    pub polling: usize,
    /// Open connections on WebSocket.
    pub websocket: usize,
    /// Sockets connected to namespaces.
    pub sockets: usize,
    /// Bytes queued for peers.
    pub queued_bytes: usize,
    /// Peers disconnected because of the write deadline or a queue overflow, since the start.
    pub cut_offs: u64,
    /// Sessions opened since the start.
    pub sessions_opened: u64,
    /// Requests rejected because their session is unknown, since the start.
    pub unknown_sessions: u64,
    /// Packets passed to transports or queues since the start.
    pub packets_sent: u64,
    /// Packets received since the start.
    pub packets_received: u64,
    /// Bytes passed to the kernel or written to responses since the start.
    pub bytes_sent: u64,
    /// Bytes of messages received since the start.
    pub bytes_received: u64,
}

/// The counters behind [`ServerStats`].
#[derive(Debug, Default)]
pub(crate) struct LiveCounters {
    pub(crate) connections: AtomicUsize,
    pub(crate) polling: AtomicUsize,
    pub(crate) websocket: AtomicUsize,
    pub(crate) sockets: AtomicUsize,
    pub(crate) queued_bytes: AtomicUsize,
    pub(crate) cut_offs: AtomicU64,
    pub(crate) sessions_opened: AtomicU64,
    pub(crate) unknown_sessions: AtomicU64,
    pub(crate) packets_sent: AtomicU64,
    pub(crate) packets_received: AtomicU64,
    pub(crate) bytes_sent: AtomicU64,
    pub(crate) bytes_received: AtomicU64,
}

impl LiveCounters {
    pub(crate) fn snapshot(&self) -> ServerStats {
        ServerStats {
            connections: self.connections.load(Relaxed),
            polling: self.polling.load(Relaxed),
            websocket: self.websocket.load(Relaxed),
            sockets: self.sockets.load(Relaxed),
            queued_bytes: self.queued_bytes.load(Relaxed),
            cut_offs: self.cut_offs.load(Relaxed),
            sessions_opened: self.sessions_opened.load(Relaxed),
            unknown_sessions: self.unknown_sessions.load(Relaxed),
            packets_sent: self.packets_sent.load(Relaxed),
            packets_received: self.packets_received.load(Relaxed),
            bytes_sent: self.bytes_sent.load(Relaxed),
            bytes_received: self.bytes_received.load(Relaxed),
        }
    }
}
