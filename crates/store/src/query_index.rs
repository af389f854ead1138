//! In-memory index of all standing queries, consistent with the open transaction.

use superbot_domain::Seq;
use superbot_matching::{Facts, Index, QueryId};

/// The writer's index, built on first use.
#[derive(Default)]
pub(crate) struct QueryIndex {
    pub(crate) index: Option<Index>,
    /// Sequence number up to which changes of queries are applied.
    pub(crate) cursor: Seq,
    found: Vec<QueryId>,
}

impl QueryIndex {
    pub(crate) fn new(index: Index, cursor: Seq) -> Self {
        Self { index: Some(index), cursor, found: Vec::new() }
    }

    /// Discards the index after a lost transaction, since it may contain rolled-back changes.
    pub(crate) fn forget(&mut self) {
        self.index = None;
    }

    /// Discards the index if it contains changes after `head`, which were rolled back.
    pub(crate) fn rewind(&mut self, head: Seq) {
        if self.cursor > head {
            self.forget();
        }
    }

    /// Returns the ids of the queries that a listing matches.
    pub(crate) fn matches(&mut self, listing: &Facts<'_>) -> &[QueryId] {
        self.found.clear();
        if let Some(index) = &mut self.index {
            index.matches(listing, &mut self.found);
        }
        &self.found
    }
}
