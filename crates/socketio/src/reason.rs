//! Reasons for the end of a connection.

use std::fmt;

/// Reason why a socket was disconnected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// The client left the namespace.
    ClientNamespaceDisconnect,
    /// The server disconnected the client from the namespace.
    ServerNamespaceDisconnect,
    /// The client closed the connection, or aborted a polling request.
    TransportClose,
    /// The connection failed.
    TransportError,
    /// The client did not answer a ping in time.
    PingTimeout,
    /// The client violated the protocol or its limits.
    ParseError,
    /// The client did not join a namespace in time.
    ConnectTimeout,
    /// The client accepted no queued bytes within [`SocketIoConfig::write_deadline`](crate::SocketIoConfig::write_deadline).
    WriteDeadline,
    /// The client's queue exceeded [`SocketIoConfig::queue_bytes`](crate::SocketIoConfig::queue_bytes).
    QueueOverflow,
    /// The client had not joined a namespace and was evicted for another one.
    Evicted,
    /// The server is shutting down.
    ServerShutdown,
    /// The server closed the connection for the given reason.
    Closed(&'static str),
}

impl DisconnectReason {
    /// Returns the reason as text, as in the Node.js server where it exists there.
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

    /// Returns whether the peer was disconnected because it did not keep up.
    pub(crate) fn is_cut_off(self) -> bool {
        matches!(self, DisconnectReason::WriteDeadline | DisconnectReason::QueueOverflow)
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
