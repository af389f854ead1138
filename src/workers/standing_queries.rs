//! What price alerts and saved searches still have to tell: what waits, and what was missed.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{Clock, QueryKind};
use superbot_store::{ReconcileOutcome, Store};

use super::worker::PeriodicWorker;

/// Tells what waited for a cooldown or a cadence to end, and looks again at what came in, for one kind of query.
pub struct StandingQueryWorker {
    kind: QueryKind,
    store: Store,
    clock: Arc<dyn Clock>,
    every: Duration,
    /// Tells this worker from those of other processes.
    holder: i64,
    /// Another process was at it when this one last looked.
    is_held_up: bool,
}

/// So many are told in one transaction, so that nobody waits for it long.
const BATCH: u32 = 200;
/// Whether another process still is at it is looked at so often.
const HELD_UP: Duration = Duration::from_secs(2);

impl StandingQueryWorker {
    /// Looks every so often.
    pub fn new(kind: QueryKind, store: Store, clock: Arc<dyn Clock>, every: Duration) -> Self {
        Self { kind, store, clock, every, holder: rand::random(), is_held_up: false }
    }

    /// Tells what was missed since the last look; false when another process is at it.
    async fn reconcile(&self) -> anyhow::Result<bool> {
        loop {
            let (repaired, is_all) = match self.store.matches().reconcile(self.kind, self.holder).await? {
                ReconcileOutcome::Busy => return Ok(false),
                ReconcileOutcome::Some { repaired } => (repaired, false),
                ReconcileOutcome::All { repaired } => (repaired, true),
            };
            if repaired > 0 {
                tracing::warn!(worker = self.name(), repaired, "told what had been missed");
            }
            if is_all {
                return Ok(true);
            }
        }
    }
}

impl PeriodicWorker for StandingQueryWorker {
    fn name(&self) -> &'static str {
        self.kind.worker()
    }

    fn every(&self) -> Duration {
        if self.is_held_up { self.every.min(HELD_UP) } else { self.every }
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        self.is_held_up = !self.reconcile().await?;
        while self.store.matches().notify_waiting(self.kind, self.clock.now(), BATCH).await? > 0 {}
        Ok(())
    }
}
