//! Tells what had to wait: hits within an alert's cooldown, and what saved searches gathered.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::Clock;
use superbot_store::Store;

use super::Worker;

/// Tells what waited for a price alert's cooldown to end.
pub struct PriceAlerts(Telling);

/// Tells what saved searches gathered, each at its cadence.
pub struct SavedSearches(Telling);

/// What both stand on.
struct Telling {
    store: Store,
    clock: Arc<dyn Clock>,
    every: Duration,
}

/// So many are told in one transaction, so that nobody waits for it long.
const BATCH: u32 = 200;

impl PriceAlerts {
    /// Looks every so often.
    pub fn new(store: Store, clock: Arc<dyn Clock>, every: Duration) -> Self {
        Self(Telling { store, clock, every })
    }
}

impl SavedSearches {
    /// Looks every so often.
    pub fn new(store: Store, clock: Arc<dyn Clock>, every: Duration) -> Self {
        Self(Telling { store, clock, every })
    }
}

impl Worker for PriceAlerts {
    const NAME: &'static str = "price-alerts";

    fn every(&self) -> Duration {
        self.0.every
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        let Telling { store, clock, .. } = &self.0;
        while store.tell_waiting_alerts(clock.now(), BATCH).await? > 0 {}
        Ok(())
    }
}

impl Worker for SavedSearches {
    const NAME: &'static str = "saved-searches";

    fn every(&self) -> Duration {
        self.0.every
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        let Telling { store, clock, .. } = &self.0;
        while store.tell_waiting_searches(clock.now(), BATCH).await? > 0 {}
        Ok(())
    }
}
