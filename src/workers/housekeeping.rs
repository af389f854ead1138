//! Retention: removes old events, listings and invitations.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::Clock;
use superbot_store::{RetentionLimits, Store};

use super::worker::PeriodicWorker;
use crate::config;
use crate::metrics::Metrics;

/// Prunes the store in small batches, so that writers wait only briefly.
pub struct PruneWorker {
    store: Store,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
    retention: RetentionLimits,
    every: Duration,
}

/// Maximum rows removed per transaction.
const BATCH: u32 = 500;

impl PruneWorker {
    /// Creates the worker with the configured retention.
    pub fn new(store: Store, clock: Arc<dyn Clock>, metrics: Arc<Metrics>, config: &config::RetentionConfig) -> Self {
        let retention = RetentionLimits { events_keep: config.events, listings_keep: config.listings };
        Self { store, clock, metrics, retention, every: config.prune_interval }
    }
}

impl PeriodicWorker for PruneWorker {
    fn name(&self) -> &'static str {
        "housekeeping"
    }

    fn every(&self) -> Duration {
        self.every
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        let now = self.clock.now();
        loop {
            let pruned = self.store.prune(&self.retention, now, BATCH).await?;
            self.metrics.pruned(pruned.events);
            if pruned.events + pruned.listings > 0 {
                tracing::info!(events = pruned.events, listings = pruned.listings, "pruned");
            }
            // One transaction per batch, so that writers get their turn in between.
            if !pruned.more {
                return Ok(());
            }
        }
    }
}
