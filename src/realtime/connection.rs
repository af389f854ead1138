//! State of a live connection: a Socket.IO socket or an event stream.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use superbot_domain::{Seq, UsageMeter};
use superbot_socketio::{DisconnectReason, SendError, Socket};
use superbot_wire::ConnectionEvent;
use tokio_util::sync::CancellationToken;

use super::ring::EventViewer;
use crate::auth::{Principal, Revocation};
pub struct HubConnection {
    /// Identity of the client; `None` if it is anonymous.
    pub principal: Option<Arc<Principal>>,
    /// Destination of events.
    pub sink: ConnectionSink,
    /// During catch-up: `seq` of the last event that was sent or skipped.
    cursor: AtomicU64,
    /// Whether it has subscribed to the scrapers' status.
    subscribed: AtomicBool,
    /// Rate limiter of the events that the client sends.
    pub meter: Mutex<UsageMeter>,
}

/// Destination of events.
pub enum ConnectionSink {
    /// A Socket.IO socket, which events are pushed to.
    Socket(Socket),
    /// An event stream, which reads at its own pace until this token is cancelled.
    Stream(CancellationToken),
}

impl HubConnection {
    /// Creates the state of a connection that has received everything up to `cursor`.
    pub fn new(principal: Option<Arc<Principal>>, sink: ConnectionSink, cursor: Seq) -> Self {
        Self {
            principal,
            sink,
            cursor: AtomicU64::new(cursor),
            subscribed: AtomicBool::new(false),
            meter: Mutex::default(),
        }
    }

    /// Returns the identity that decides which events it receives.
    pub fn viewer(&self) -> EventViewer {
        match &self.principal {
            None => EventViewer::Anonymous,
            Some(principal) => EventViewer::SignedIn(principal.user_id()),
        }
    }

    /// Returns the `seq` of the last event that was sent or skipped.
    pub fn cursor(&self) -> Seq {
        self.cursor.load(Ordering::Relaxed)
    }

    /// Moves the cursor; reserved for the task that currently serves the connection.
    pub fn set_cursor(&self, cursor: Seq) {
        // Relaxed suffices: passing the connection to another task synchronizes.
        self.cursor.store(cursor, Ordering::Relaxed);
    }
    pub fn is_subscribed(&self) -> bool {
        self.subscribed.load(Ordering::Relaxed)
    }

    /// Records a subscription to the scrapers' status, or its end.
    pub fn set_subscribed(&self, subscribed: bool) {
        self.subscribed.store(subscribed, Ordering::Relaxed);
    }

    /// Closes the connection for good: the client does not reconnect by itself.
    pub fn revoke(&self) {
        match &self.sink {
            ConnectionSink::Socket(socket) => revoke(socket),
            ConnectionSink::Stream(stop) => stop.cancel(),
        }
    }

    /// Returns whether a revocation covers this connection's credential.
    pub fn is_revoked_by(&self, revocation: &Revocation) -> bool {
        self.principal.as_ref().is_some_and(|principal| revocation.covers(principal))
    }
}

/// Sends an event about the connection itself to a socket.
pub fn emit(socket: &Socket, event: &ConnectionEvent<'_>) -> Result<(), SendError> {
    socket.emit(event.name(), event)
}

/// Sends DISCONNECT, after which official clients do not reconnect by themselves, and closes the transport.
pub fn revoke(socket: &Socket) {
    socket.disconnect();
    socket.close_transport(DisconnectReason::Closed("revoked"));
}
