//! Handle of an Engine.IO server.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::core::Core;
use super::session::Handler;
use crate::config::Config;
use crate::stats::Stats;

/// An Engine.IO server.
#[derive(Clone)]
pub struct EngineIo(pub(crate) Arc<Core>);

impl EngineIo {
    /// Creates a server whose sessions are passed to `handler`.
    pub fn new(config: Config, handler: impl Handler) -> EngineIo {
        EngineIo(Core::new(config, Box::new(handler)))
    }

    /// Shuts down gracefully; see [`SocketIo::drain`](crate::SocketIo::drain).
    pub async fn drain(&self, deadline: Duration) {
        self.0.drain(deadline).await;
    }

    /// Returns a snapshot of the counters.
    pub fn stats(&self) -> Stats {
        self.0.counters.snapshot()
    }
}

impl fmt::Debug for EngineIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineIo").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
