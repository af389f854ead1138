//! The open transaction, as the store's requests have it.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use superbot_db::writer::{WriteContext, WriteTransaction};
use superbot_domain::{Clock, Timestamp};

use crate::error::{Result, StoreError};
use crate::event_tail::{EventTail, LogNotifier};
use crate::meta;
use crate::query_index::QueryIndex;
use crate::sequences::StoreSequences;
use crate::sql::SqlConn;

/// The open transaction, with the index of standing queries that listings are matched against in it.
pub(crate) struct StoreTx {
    transaction: WriteTransaction<StoreSequences>,
    /// When the request began.
    pub(crate) now: Timestamp,
    /// The events that it has written.
    pub(crate) written: EventTail,
    /// The standing queries, as this transaction sees them.
    pub(crate) queries: QueryIndex,
    /// Whether listings are matched when they come in; if not, the workers find out later.
    pub(crate) match_on_arrival: bool,
    clock: Arc<dyn Clock>,
    changes: LogNotifier,
    /// The last event for the servers that they were notified of.
    last_control: Option<i64>,
}

impl StoreTx {
    pub(crate) fn new(
        transaction: WriteTransaction<StoreSequences>,
        clock: Arc<dyn Clock>,
        changes: LogNotifier,
        match_on_arrival: bool,
    ) -> Self {
        Self {
            transaction,
            now: clock.now(),
            written: EventTail::default(),
            queries: QueryIndex::default(),
            match_on_arrival,
            clock,
            changes,
            last_control: None,
        }
    }
}

impl Deref for StoreTx {
    type Target = WriteTransaction<StoreSequences>;

    fn deref(&self) -> &WriteTransaction<StoreSequences> {
        &self.transaction
    }
}

impl DerefMut for StoreTx {
    fn deref_mut(&mut self) -> &mut WriteTransaction<StoreSequences> {
        &mut self.transaction
    }
}

impl WriteContext for StoreTx {
    type Numbers = StoreSequences;
    type Error = StoreError;

    fn begin_request(&mut self) {
        self.now = self.clock.now();
    }

    fn rewind(&mut self) {
        let head = self.numbers.log_bounds().head;
        self.written.cut(head);
        self.queries.rewind(head);
    }

    fn forget(&mut self) {
        self.queries.forget();
        self.written.clear();
    }

    fn committed(&mut self) {
        // Events for the servers that others wrote before count as well. Whoever is answered that something was revoked finds
        // it so.
        let control = self.numbers.control > self.last_control;
        if control {
            self.last_control = self.numbers.control;
        }
        let oldest = self.numbers.log_bounds().oldest;
        self.changes.committed(&mut self.written, oldest, control);
    }

    fn published(&mut self) {
        self.changes.notify();
    }

    async fn probe(&mut self) -> Result<()> {
        let now = self.now;
        meta::probe(&mut self.conn, now).await
    }

    fn into_conn(self) -> SqlConn {
        self.transaction.conn
    }
}
