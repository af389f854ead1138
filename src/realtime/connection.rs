//! One live connection: a Socket.IO socket or an event stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use superbot_domain::{Seq, UsageMeter};
use superbot_socketio::{DisconnectReason, SendError, Socket};
use superbot_wire::ConnectionEvent;
use tokio_util::sync::CancellationToken;

use super::ring::EventViewer;
use crate::auth::{Principal, Revocation};

/// What the hub knows of a connection.
pub struct HubConnection {
    /// Who it is; `None` for an anonymous one.
    pub principal: Option<Arc<Principal>>,
    /// How it is reached.
    pub sink: ConnectionSink,
    /// While it catches up: the last event it was sent, or was not to have.
    cursor: AtomicU64,
    /// Whether it wants to hear of the scrapers' status.
    subscribed: AtomicBool,
    /// How many events it sent lately.
    pub meter: Mutex<UsageMeter>,
}

/// How a connection is reached.
pub enum ConnectionSink {
    /// A Socket.IO socket, which is pushed to.
    Socket(Socket),
    /// A stream that reads at its own pace, until cancelled.
    Stream(CancellationToken),
}

impl HubConnection {
    /// A connection that has seen everything up to `cursor`.
    pub fn new(principal: Option<Arc<Principal>>, sink: ConnectionSink, cursor: Seq) -> Self {
        Self {
            principal,
            sink,
            cursor: AtomicU64::new(cursor),
            subscribed: AtomicBool::new(false),
            meter: Mutex::default(),
        }
    }

    /// Whose events it may see.
    pub fn viewer(&self) -> EventViewer {
        match &self.principal {
            None => EventViewer::Anonymous,
            Some(principal) => EventViewer::SignedIn(principal.user_id()),
        }
    }

    /// The last event it was sent, or was not to have.
    pub fn cursor(&self) -> Seq {
        self.cursor.load(Ordering::Relaxed)
    }

    /// Moves the cursor; only whoever serves the connection at the time does.
    pub fn set_cursor(&self, cursor: Seq) {
        self.cursor.store(cursor, Ordering::Relaxed);
    }

    /// Whether it wants to hear of the scrapers' status.
    pub fn is_subscribed(&self) -> bool {
        self.subscribed.load(Ordering::Relaxed)
    }

    /// Remembers whether it wants to hear of the scrapers' status.
    pub fn set_subscribed(&self, subscribed: bool) {
        self.subscribed.store(subscribed, Ordering::Relaxed);
    }

    /// Ends it for good: the client is told not to come back by itself.
    pub fn revoke(&self) {
        match &self.sink {
            ConnectionSink::Socket(socket) => revoke(socket),
            ConnectionSink::Stream(stop) => stop.cancel(),
        }
    }

    /// Whether a revocation takes this connection's credential away.
    pub fn is_revoked_by(&self, revocation: &Revocation) -> bool {
        self.principal.as_ref().is_some_and(|principal| revocation.covers(principal))
    }
}

/// Sends a socket an event about its connection.
pub fn emit(socket: &Socket, event: &ConnectionEvent<'_>) -> Result<(), SendError> {
    socket.emit(event.name(), event)
}

/// Tells a client to stay away, and hangs up.
pub fn revoke(socket: &Socket) {
    socket.disconnect();
    socket.close_transport(DisconnectReason::Closed("revoked"));
}
