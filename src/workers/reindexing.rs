//! Brings stored listings up to the rules of this version: their keys, and the full-text index.

use std::time::Duration;

use superbot_store::Store;

use super::worker::PeriodicWorker;

/// Computes the keys of stored listings again, and then indexes them again, in small transactions, while others read and write.
pub struct Reindexing {
    store: Store,
    /// Whether there was something left at the last step.
    is_under_way: bool,
}

/// Listings in one transaction, for which publishers wait: some 5 ms, and up to 100 where SQLite merges parts of the index.
const BATCH: u32 = 50;
/// Listings whose keys are computed in one transaction.
const KEYS: u32 = 500;
/// The pause between two transactions, in which publishers have the writer to themselves.
const PAUSE: Duration = Duration::from_millis(5);
/// How soon a process notices that one of a newer version works on the same store.
const IDLE: Duration = Duration::from_mins(1);

impl Reindexing {
    /// Works on that store.
    pub fn new(store: Store) -> Self {
        Self { store, is_under_way: false }
    }
}

impl PeriodicWorker for Reindexing {
    fn name(&self) -> &'static str {
        "reindexing"
    }

    fn every(&self) -> Duration {
        if self.is_under_way { PAUSE } else { IDLE }
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        if self.store.listings().rekey_next(KEYS).await? {
            self.is_under_way = true;
            return Ok(());
        }
        let was_under_way = self.is_under_way;
        self.is_under_way = self.store.listings().reindex_next(BATCH).await?.is_some();
        match (was_under_way, self.is_under_way) {
            (false, true) => {
                tracing::info!("re-indexing stored listings for this version's rules of words");
            }
            (true, false) => tracing::info!("stored listings are re-indexed"),
            _ => {}
        }
        Ok(())
    }
}
