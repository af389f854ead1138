//! Delivers the delayed and the missed notifications of price alerts and saved searches.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{Clock, QueryKind};
use superbot_store::{ReconcileOutcome, Store};

use super::worker::PeriodicWorker;

/// Delivers notifications delayed by a cooldown or a cadence, and reconciles recent listings, for one kind of query.
pub struct StandingQueryWorker {
    kind: QueryKind,
    store: Store,
    clock: Arc<dyn Clock>,
    every: Duration,
    /// Random id of this worker as a holder of the lease for reconciliation.
    holder: i64,
    /// Whether another process held the lease at the last step.
    is_held_up: bool,
}

/// Maximum notifications per transaction, so that other writers wait only briefly.
const BATCH: u32 = 200;
/// Interval of steps while another process holds the lease, to take over soon after it stops.
const HELD_UP: Duration = Duration::from_secs(2);

impl StandingQueryWorker {
    /// Creates the worker; `every` is the interval between steps.
    pub fn new(kind: QueryKind, store: Store, clock: Arc<dyn Clock>, every: Duration) -> Self {
        Self { kind, store, clock, every, holder: rand::random(), is_held_up: false }
    }

    /// Delivers what ingest has missed since the last call; returns false if another process holds the lease.
    async fn reconcile(&self) -> anyhow::Result<bool> {
        loop {
            let (repaired, is_all) = match self.store.matches().reconcile(self.kind, self.holder).await? {
                ReconcileOutcome::Busy => return Ok(false),
                ReconcileOutcome::Some { repaired } => (repaired, false),
                ReconcileOutcome::All { repaired } => (repaired, true),
            };
            if repaired > 0 {
                tracing::warn!(worker = self.name(), repaired, "delivered missed notifications");
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
        // One transaction per batch, until nothing is due.
        while self.store.matches().notify_waiting(self.kind, self.clock.now(), BATCH).await? > 0 {}
        Ok(())
    }
}
