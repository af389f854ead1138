//! Options for opening a store.

use std::sync::Arc;

use superbot_domain::{Clock, RecurringPrice};

/// Options for opening a store.
#[derive(Clone)]
pub struct StoreOptions {
    /// Source of the timestamps in rows.
    pub clock: Arc<dyn Clock>,
    /// Number of pooled read connections.
    pub read_connections: u32,
    /// Whether listings are matched on arrival; otherwise [`MatchStore::reconcile`](crate::MatchStore::reconcile)
    /// matches them later.
    pub match_on_arrival: bool,
    /// What becomes of recurring prices when listings are stored.
    pub recurring_price: RecurringPrice,
    /// Random bytes from which the epoch of a new store is derived.
    pub epoch_seed: [u8; 8],
}

impl StoreOptions {
    /// Returns the default options: four read connections, matching on arrival.
    pub fn new(clock: Arc<dyn Clock>, epoch_seed: [u8; 8]) -> Self {
        Self {
            clock,
            read_connections: 4,
            match_on_arrival: true,
            recurring_price: RecurringPrice::default(),
            epoch_seed,
        }
    }
}
