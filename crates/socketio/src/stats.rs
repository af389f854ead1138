//! Counters for whoever watches the server.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// A snapshot of a server's counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerStats {
    /// Connections open now.
    pub connections: usize,
    /// Connections on HTTP long-polling now.
    pub polling: usize,
    /// Connections on WebSocket now.
    pub websocket: usize,
    /// Sockets connected to namespaces now.
    pub sockets: usize,
    /// Bytes waiting for peers now.
    pub queued_bytes: usize,
    /// Peers cut off because they took nothing for the write deadline or their queue overflowed.
    pub cut_offs: u64,
    /// Sessions ever opened.
    pub sessions_opened: u64,
    /// Requests ever refused because the session they named is not here.
    pub unknown_sessions: u64,
    /// Packets ever given to transports or their queues.
    pub packets_sent: u64,
    /// Packets ever received.
    pub packets_received: u64,
    /// Bytes ever handed to the kernel or written to answers.
    pub bytes_sent: u64,
    /// Bytes of messages ever received.
    pub bytes_received: u64,
}

/// The living counters behind [`ServerStats`].
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
