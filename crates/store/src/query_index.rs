//! The index of all standing queries, as of the open transaction.

use superbot_domain::Seq;
use superbot_matching::{Facts, Index, QueryId};

/// The writer's index, built when it is first needed.
#[derive(Default)]
pub(crate) struct QueryIndex {
    pub(crate) index: Option<Index>,
    /// Up to here the log's changes are in the index.
    pub(crate) cursor: Seq,
    found: Vec<QueryId>,
}

impl QueryIndex {
    pub(crate) fn new(index: Index, cursor: Seq) -> Self {
        Self { index: Some(index), cursor, found: Vec::new() }
    }

    /// What was read in a transaction that is lost cannot be told from what is true.
    pub(crate) fn forget(&mut self) {
        self.index = None;
    }

    /// The log ends here again: what was taken from behind it is not true any more.
    pub(crate) fn rewind(&mut self, head: Seq) {
        if self.cursor > head {
            self.forget();
        }
    }

    /// The numbers of the queries that a listing matches now.
    pub(crate) fn matches(&mut self, listing: &Facts<'_>) -> &[QueryId] {
        self.found.clear();
        if let Some(index) = &mut self.index {
            index.matches(listing, &mut self.found);
        }
        &self.found
    }
}
