//! Publishes this process's presence and connected users to the other processes on the store.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use superbot_store::Store;

use super::worker::PeriodicWorker;
use crate::presence::PresenceRegister;

/// Publishes the connected users after a change, and a heartbeat periodically.
pub struct PresenceAnnouncer {
    store: Store,
    presence: PresenceRegister,
    /// The last publication: the number of changes it covered, and its time.
    said: Option<(u64, Instant)>,
}

/// Maximum delay of a change.
const EVERY: Duration = Duration::from_secs(2);
/// Interval of heartbeats; a process without one for four times as long is considered stopped.
const ALIVE_EVERY: Duration = Duration::from_secs(5);

impl PresenceAnnouncer {
    /// Creates the worker for one process's registry.
    pub fn new(store: Store, presence: PresenceRegister) -> Self {
        Self { store, presence, said: None }
    }
}

impl PeriodicWorker for PresenceAnnouncer {
    fn name(&self) -> &'static str {
        "announcer"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        let changes = self.presence.changes();
        let has_news = self.said.is_none_or(|(said, _)| said != changes);
        if !has_news && self.said.is_some_and(|(_, at)| at.elapsed() < ALIVE_EVERY) {
            return Ok(());
        }
        // A heartbeat does not write the list again.
        let connected = if has_news { Some(serde_json::to_string(&self.presence.connected_here())?) } else { None };
        let node = self.presence.node();
        self.store.nodes().put(node, connected.as_deref()).await.context("announcing connected users")?;
        self.said = Some((changes, Instant::now()));
        Ok(())
    }
}
