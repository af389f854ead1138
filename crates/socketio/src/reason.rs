//! Why a connection ended.

use std::fmt;

/// Why a socket is no longer connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client left the namespace.
    ClientNamespaceDisconnect,
    /// The server made the client leave the namespace.
    ServerNamespaceDisconnect,
    /// The client closed the connection, or a polling request was broken off.
    TransportClose,
    /// The connection broke.
    TransportError,
    /// The client did not answer a ping in time.
    PingTimeout,
    /// The client sent what the protocol does not know or the limits do not allow.
    ParseError,
    /// The client joined no namespace in time.
    ConnectTimeout,
    /// The client took nothing of what waited for it for the write deadline.
    WriteDeadline,
    /// More waited for the client than its queue may hold.
    QueueOverflow,
    /// Another client that had not joined a namespace needed the place of this one.
    Evicted,
    /// The server is stopping.
    ServerShutdown,
    /// The server closed the connection for a reason of its own.
    Closed(&'static str),
}

impl DisconnectReason {
    /// The reason in words: those of the Node.js server where it has them.
    pub fn as_str(self) -> &'static str {
        match self {
            DisconnectReason::ClientNamespaceDisconnect => "client namespace disconnect",
            DisconnectReason::ServerNamespaceDisconnect => "server namespace disconnect",
            DisconnectReason::TransportClose => "transport close",
            DisconnectReason::TransportError => "transport error",
            DisconnectReason::PingTimeout => "ping timeout",
            DisconnectReason::ParseError => "parse error",
            DisconnectReason::ConnectTimeout => "connect timeout",
            DisconnectReason::WriteDeadline => "write deadline",
            DisconnectReason::QueueOverflow => "queue overflow",
            DisconnectReason::Evicted => "evicted",
            DisconnectReason::ServerShutdown => "server shutting down",
            DisconnectReason::Closed(reason) => reason,
        }
    }

    /// Whether the peer was cut off because it did not keep up.
    pub(crate) fn is_cut_off(self) -> bool {
        matches!(self, DisconnectReason::WriteDeadline | DisconnectReason::QueueOverflow)
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
