//! The open transaction, as the store's requests have it.

use std::ops::{Deref, DerefMut};

use superbot_domain::Seq;

use crate::query_index::QueryIndex;
use crate::sql::Conn;
use crate::writer::{Transaction, WriteContext};

/// The open transaction, with the index of standing queries that listings are matched against in it.
pub(crate) struct Tx {
    transaction: Transaction,
    /// The standing queries, as this transaction sees them.
    pub(crate) queries: QueryIndex,
    /// Whether listings are matched when they come in; if not, the workers find out later.
    pub(crate) match_on_arrival: bool,
}

impl Tx {
    pub(crate) fn new(transaction: Transaction, match_on_arrival: bool) -> Self {
        Self { transaction, queries: QueryIndex::default(), match_on_arrival }
    }
}

impl Deref for Tx {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.transaction
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Transaction {
        &mut self.transaction
    }
}

impl WriteContext for Tx {
    fn rewind(&mut self, head: Seq) {
        self.queries.rewind(head);
    }

    fn forget(&mut self) {
        self.queries.forget();
    }

    fn into_conn(self) -> Conn {
        self.transaction.conn
    }
}
