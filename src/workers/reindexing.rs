//! Brings stored listings up to the rules of this version: their keys, and the full-text index.

use std::time::Duration;

use superbot_store::Store;

use super::worker::PeriodicWorker;

/// Computes the keys of stored listings again, and then indexes them again, in small transactions, while others read and write.
pub struct Reindexing {
    store: Store,
    /// What there was left to do at the last step.
    work: UpgradeWork,
}

#[derive(Clone, Copy, PartialEq)]
enum UpgradeWork {
    Nothing,
    Keys,
    Index,
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
        Self { store, work: UpgradeWork::Nothing }
    }
}

impl PeriodicWorker for Reindexing {
    fn name(&self) -> &'static str {
        "reindexing"
    }

    fn every(&self) -> Duration {
        if self.work == UpgradeWork::Nothing { IDLE } else { PAUSE }
    }

    async fn step(&mut self) -> anyhow::Result<()> {
        let listings = self.store.listings();
        let work = if listings.rekey_next(KEYS).await? {
            UpgradeWork::Keys
        } else if listings.reindex_next(BATCH).await?.is_some() {
            UpgradeWork::Index
        } else {
            UpgradeWork::Nothing
        };
        let before = std::mem::replace(&mut self.work, work);
        if before == work {
            return Ok(());
        }
        match before {
            UpgradeWork::Nothing => {}
            UpgradeWork::Keys => tracing::info!("stored listings have keys by this version's rules of addresses"),
            UpgradeWork::Index => tracing::info!("stored listings are re-indexed"),
        }
        match work {
            UpgradeWork::Nothing => {}
            UpgradeWork::Keys => {
                tracing::info!("computing the keys of stored listings for this version's rules of addresses");
            }
            UpgradeWork::Index => tracing::info!("re-indexing stored listings for this version's rules of words"),
        }
        Ok(())
    }
}
