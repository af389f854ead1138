//! The write transaction as seen by the store's requests.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use superbot_db::writer::{WriteContext, WriteTransaction};
use superbot_domain::{Clock, RecurringPrice, Timestamp};

use crate::error::{Result, StoreError};
use crate::event_tail::{EventTail, LogNotifier};
use crate::meta;
use crate::options::StoreOptions;
use crate::query_index::QueryIndex;
use crate::sequences::StoreSequences;
use crate::sql::SqlConn;

/// The open transaction, with the index of standing queries against which listings are matched.
pub(crate) struct StoreTx {
    transaction: WriteTransaction<StoreSequences>,
    /// Time at which the current request began; all rows it writes carry it.
    pub(crate) now: Timestamp,
    /// Events appended in this transaction.
    pub(crate) written: EventTail,
    /// Index of standing queries, including this transaction's changes.
    pub(crate) queries: QueryIndex,
    /// Whether listings are matched on arrival; otherwise workers reconcile them later.
    pub(crate) match_on_arrival: bool,
    /// Whether keys of listings may still be by earlier rules.
    is_rekeying: Arc<AtomicBool>,
    /// What becomes of recurring prices.
    pub(crate) recurring_price: RecurringPrice,
    clock: Arc<dyn Clock>,
    changes: LogNotifier,
    /// The last control event that followers were notified of.
    last_control: Option<i64>,
}

impl StoreTx {
    pub(crate) fn new(
        transaction: WriteTransaction<StoreSequences>,
        changes: LogNotifier,
        options: &StoreOptions,
        is_rekeying: Arc<AtomicBool>,
    ) -> Self {
        let clock = Arc::clone(&options.clock);
        Self {
            transaction,
            now: clock.now(),
            written: EventTail::default(),
            queries: QueryIndex::default(),
            match_on_arrival: options.match_on_arrival,
            is_rekeying,
            recurring_price: options.recurring_price,
            clock,
            changes,
            last_control: None,
        }
    }

    /// Whether keys of listings may still be by earlier rules.
    pub(crate) fn is_rekeying(&self) -> bool {
        self.is_rekeying.load(Ordering::Relaxed)
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
        // `numbers.control` also covers control events of other processes. The version is raised before requests are
        // answered, so once a revocation is confirmed, no stale cache entry can authenticate the credential.
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
