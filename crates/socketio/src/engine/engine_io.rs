//! Handle of an Engine.IO server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::core::EngineCore;
use super::session::SessionHandler;
use crate::config::SocketIoConfig;
use crate::stats::ServerStats;

/// An Engine.IO server.
#[derive(Clone)]
pub struct EngineIo(pub(crate) Arc<EngineCore>);

impl EngineIo {
    /// Creates a server whose sessions are passed to `handler`.
    pub fn new(config: SocketIoConfig, handler: impl SessionHandler) -> EngineIo {
        EngineIo(EngineCore::new(config, Box::new(handler)))
    }

    /// Shuts down gracefully; see [`SocketIo::drain`](crate::SocketIo::drain).
    pub async fn drain(&self, deadline: Duration) {
        self.0.drain(deadline).await;
    }

    /// Returns a snapshot of the counters.
    pub fn stats(&self) -> ServerStats {
        self.0.counters.snapshot()
    }
}

impl fmt::Debug for EngineIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineIo").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
