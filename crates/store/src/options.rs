//! What a store is opened with.

use std::sync::Arc;

use superbot_domain::Clock;

/// What a store is opened with.
#[derive(Clone)]
pub struct StoreOptions {
    /// Tells the time that rows are stamped with.
    pub clock: Arc<dyn Clock>,
    /// How many readers work side by side.
    pub read_connections: u32,
    /// Whether listings are matched when they come in; if not, [`MatchStore::reconcile`](crate::MatchStore::reconcile)
    /// finds out later.
    pub match_on_arrival: bool,
    /// Eight random bytes that name the store if it is made now.
    pub epoch_seed: [u8; 8],
}

impl StoreOptions {
    /// Options for a store of the usual size.
    pub fn new(clock: Arc<dyn Clock>, epoch_seed: [u8; 8]) -> Self {
        Self { clock, read_connections: 4, match_on_arrival: true, epoch_seed }
    }
}
