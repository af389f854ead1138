//! Ends expired sessions, and thereby the live connections made with them.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::Clock;
use superbot_store::Store;

use super::worker::PeriodicWorker;

/// Ends expired sessions every second, which bounds how long a connection outlives its session.
pub struct SessionExpiry {
    store: Store,
    clock: Arc<dyn Clock>,
}

impl SessionExpiry {
    /// Creates the worker.
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }
}

impl PeriodicWorker for SessionExpiry {
    fn name(&self) -> &'static str {
        "session-expiry"
    }

    fn every(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        while self.store.sessions().end_expired(self.clock.now()).await? > 0 {}
        Ok(())
    }
}
