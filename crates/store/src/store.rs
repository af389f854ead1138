//! The store handle: access to readers and writer, and lifecycle.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use superbot_db::DbError;
use superbot_db::engine::DatabaseEngine;
use superbot_db::writer::WriteWork;
use superbot_domain::{Clock, Timestamp};

use crate::error::{Result, StoreError};
use crate::event_tail::LogNotifier;
use crate::search_reader::{CommonBeginnings, SearchReader};
use crate::sql::{self, Record, SqlConn};
use crate::tx::StoreTx;

/// A handle on the store; clones share one writer and one pool of readers.
#[derive(Clone)]
pub struct Store {
    shared: Arc<StoreShared>,
}

struct StoreShared {
    engine: DatabaseEngine<StoreTx>,
    changes: LogNotifier,
    clock: Arc<dyn Clock>,
    epoch: String,
    common_beginnings: Arc<CommonBeginnings>,
    /// Whether keys of listings may still be by earlier rules.
    is_rekeying: Arc<AtomicBool>,
}

/// Number of rows of the main tables, and the size of the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Record)]
#[expect(missing_docs, reason = "the names say it all")]
pub struct StoreCounts {
    pub users: i64,
    pub listings: i64,
    pub events: i64,
    pub notifications: i64,
    pub hits: i64,
    pub bytes: i64,
}

impl Store {
    pub(crate) fn new(
        engine: DatabaseEngine<StoreTx>,
        changes: LogNotifier,
        clock: Arc<dyn Clock>,
        epoch: String,
        is_rekeying: Arc<AtomicBool>,
    ) -> Self {
        let common_beginnings = Arc::default();
        Self { shared: Arc::new(StoreShared { engine, changes, clock, epoch, common_beginnings, is_rekeying }) }
    }

    /// Completes queued writes and closes the store; an SQLite file then has no write-ahead log left.
    pub async fn close(&self) {
        self.shared.engine.close().await;
    }

    /// Returns whether the store has stopped accepting writes.
    pub fn is_closed(&self) -> bool {
        self.shared.engine.is_closed()
    }

    /// Checks whether the store can be read and written, as far as is known.
    ///
    /// # Errors
    /// The current fault: [`DbError::Full`] until a write succeeds; [`DbError::Damaged`] and [`DbError::Replaced`]
    /// until the store is reopened.
    pub async fn ping(&self) -> Result<()> {
        if self.is_closed() {
            return Err(StoreError::Db(DbError::Closed));
        }
        self.shared.engine.check().await?;
        sql::query("SELECT 1").execute(&mut self.reader().await?).await?;
        // Clears an earlier "unreachable", so that readiness recovers without a write.
        self.shared.engine.note_contact();
        Ok(())
    }

    /// Returns the identifier of the log's history. Cursors are only valid within one epoch.
    pub fn epoch(&self) -> &str {
        &self.shared.epoch
    }

    /// Counts rows and bytes.
    pub async fn counts(&self) -> Result<StoreCounts> {
        let mut reader = self.reader().await?;
        let bytes = reader.dialect().pick(
            "(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())",
            "pg_database_size(current_database())",
        );
        let counts = format!(
            "SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM listings) AS listings, \
             (SELECT COUNT(*) FROM events) AS events, (SELECT COUNT(*) FROM notifications) AS notifications, \
             (SELECT COUNT(*) FROM hits) AS hits, {bytes} AS bytes"
        );
        Ok(sql::query_as(sqlx::AssertSqlSafe(counts)).fetch_one(&mut reader).await?)
    }

    /// Returns whether servers on several machines can use this store; if not, there is no need to publish connected
    /// clients.
    pub fn is_shared(&self) -> bool {
        self.shared.engine.is_shared()
    }

    /// Returns whether it is certain that all commits of other processes have been noticed.
    pub(crate) fn is_up_to_date(&self) -> bool {
        self.shared.engine.is_up_to_date()
    }

    /// Whether keys of listings may still be by earlier rules.
    pub(crate) fn is_rekeying(&self) -> bool {
        self.shared.is_rekeying.load(Ordering::Relaxed)
    }

    /// Notes that all keys of listings are by today's rules.
    pub(crate) fn end_rekeying(&self) {
        self.shared.is_rekeying.store(false, Ordering::Relaxed);
    }

    pub(crate) fn changes(&self) -> &LogNotifier {
        &self.shared.changes
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    pub(crate) async fn reader(&self) -> Result<SqlConn> {
        Ok(self.shared.engine.reader().await?)
    }

    pub(crate) async fn search_reader(&self) -> Result<SearchReader> {
        let conn = self.shared.engine.search_conn().await?;
        Ok(SearchReader::new(conn, Arc::clone(&self.shared.common_beginnings)))
    }

    /// Runs the work in the writer's transaction and returns once it is committed. If the work fails, only its own
    /// changes are rolled back.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut StoreTx) -> Result<T> + WriteWork<StoreTx, T>,
    {
        self.shared.engine.write(work).await
    }
}
