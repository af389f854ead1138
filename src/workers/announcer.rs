//! Tells the other processes on the store that this one is there, and who is connected to it.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use superbot_store::Store;

use super::worker::PeriodicWorker;
use crate::presence::PresenceRegister;

/// Says who is connected when that has changed, and now and then that it is still there.
pub struct PresenceAnnouncer {
    store: Store,
    presence: PresenceRegister,
    /// What was said last: after how many changes, and when.
    said: Option<(u64, Instant)>,
}

const EVERY: Duration = Duration::from_secs(2);
/// A process that says nothing for four times as long counts as gone.
const ALIVE_EVERY: Duration = Duration::from_secs(5);

impl PresenceAnnouncer {
    /// Announces the process whose register that is.
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
        let connected = if has_news { Some(serde_json::to_string(&self.presence.connected_here())?) } else { None };
        let node = self.presence.node();
        self.store.nodes().put(node, connected.as_deref()).await.context("telling who is connected")?;
        self.said = Some((changes, Instant::now()));
        Ok(())
    }
}
