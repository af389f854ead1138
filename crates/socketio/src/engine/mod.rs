//! Engine.IO 4: sessions over HTTP long-polling and WebSocket, and the upgrade between them.
//!
//! This layer knows messages, not events; [`SocketIo`](crate::SocketIo) is built on it and others
//! may be. A [`Handler`] is told of every new session and makes the [`Peer`] that gets its messages.

pub(crate) mod core;
pub(crate) mod decoder;
pub(crate) mod direct;
pub(crate) mod frame;
pub(crate) mod guest;
mod heartbeat;
mod inbound;
mod input;
mod outbox;
pub(crate) mod packet;
pub(crate) mod payload;
mod polling;
pub(crate) mod session;
mod takeover;
mod transmit;
pub(crate) mod websocket;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

pub use self::direct::Rewound;
pub use self::frame::Frame;
pub use self::packet::Malformed;
pub(crate) use self::polling::{get, open, post};
pub use self::session::{Refused, Session};
use crate::config::Config;
use crate::reason::DisconnectReason;
use crate::service::{SocketIoLayer, SocketIoService};
use crate::stats::Stats;

/// What a session's packets travel over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transport {
    /// HTTP long-polling.
    Polling,
    /// A WebSocket.
    WebSocket,
}

impl Transport {
    /// The transport's name in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            Transport::Polling => "polling",
            Transport::WebSocket => "websocket",
        }
    }
}

/// Makes the counterpart of each new session.
pub trait Handler: Send + Sync + 'static {
    /// A session was opened; what is sent now reaches the client first. To close the session,
    /// wait for the peer's first message.
    fn opened(&self, session: &Arc<Session>) -> Box<dyn Peer>;
}

/// What the application has for one session.
///
/// Methods are called from the task that reads and must not block; an error closes the session.
pub trait Peer: Send + Sync + 'static {
    /// A text message arrived.
    fn text(&self, session: &Arc<Session>, message: &str) -> Result<(), Malformed>;

    /// A binary message arrived.
    fn binary(&self, session: &Arc<Session>, message: Bytes) -> Result<(), Malformed>;

    /// The session ended; called once.
    fn closed(&self, reason: DisconnectReason);
}

/// An Engine.IO server.
#[derive(Clone)]
pub struct EngineIo(pub(crate) Arc<core::Core>);

impl EngineIo {
    /// A server whose sessions are given to `handler`.
    pub fn new(config: Config, handler: impl Handler) -> EngineIo {
        EngineIo(core::Core::new(config, Box::new(handler)))
    }

    /// The server as a service for every request it is given.
    pub fn service(&self) -> SocketIoService {
        SocketIoService::new(self.clone())
    }

    /// The server as a layer that takes the requests for [`Config::path`].
    pub fn layer(&self) -> SocketIoLayer {
        SocketIoLayer::new(self.clone())
    }

    /// Stops gently; see [`SocketIo::drain`](crate::SocketIo::drain).
    pub async fn drain(&self, deadline: Duration) {
        self.0.drain(deadline).await;
    }

    /// The server's counters.
    pub fn stats(&self) -> Stats {
        self.0.counters.snapshot()
    }
}

impl std::fmt::Debug for EngineIo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EngineIo").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
