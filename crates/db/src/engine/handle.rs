//! Connection pool, writer queue and background tasks of one database.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::timed::TimedConn;
use crate::condition::StoreCondition;
use crate::error::{DbError, Result};
use crate::sql::SqlConn;
use crate::sqlite::background::CommitTracker;
use crate::writer::{WriteContext, WriteError as _, WriteJob, WriteRequest, WriteWork};
use crate::{postgres, sqlite};

/// Capacity of the write queue; further callers wait, which is the store's backpressure.
pub(super) const QUEUED_WRITES: usize = 1024;

/// Deadline of a list, search or preview query.
const SEARCH_TIME: Duration = Duration::from_secs(1);
/// Maximum time a search waits for one of the permits.
const SEARCH_WAIT: Duration = Duration::from_secs(5);

/// A served database: read pools, writer queue and background tasks.
pub struct DatabaseEngine<C> {
    pub(super) readers: ReaderPool,
    /// Limits concurrent searches to fewer than there are readers, so that credential checks are not starved.
    pub(super) searches: Arc<Semaphore>,
    pub(super) condition: Arc<StoreCondition>,
    pub(super) queue: mpsc::Sender<Box<dyn WriteJob<C>>>,
    /// Tracks commits by other processes to an SQLite file; `None` on Postgres, where that is not tracked.
    pub(super) commit_tracker: Option<Arc<CommitTracker>>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// Read connections of either back end.
pub(super) enum ReaderPool {
    Sqlite(sqlite::SqliteReaders),
    /// One general pool, and one for searches with a server-side statement timeout.
    Postgres(Box<postgres::PostgresReaders>),
}

/// Returns the number of concurrent searches for a number of read connections; one connection is kept free if there are
/// several.
pub(super) fn searches_beside(read_connections: u32) -> usize {
    read_connections.saturating_sub(1).max(1) as usize
}

impl<C: WriteContext> DatabaseEngine<C> {
    /// Completes the queued writes, then stops the writer and the background tasks.
    pub async fn close(&self) {
        // Readers are closed first: the last connection to close must be the writer's, which can checkpoint the WAL.
        match &self.readers {
            ReaderPool::Sqlite(readers) => readers.close().await,
            ReaderPool::Postgres(readers) => readers.close().await,
        }
        self.stop.send_replace(true);
        let tasks = std::mem::take(&mut *self.tasks.lock());
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a background task of the store failed");
            }
        }
    }

    /// Returns whether the writer has stopped accepting requests.
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Returns whether processes on several machines can use the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self.readers, ReaderPool::Postgres(_))
    }

    /// Returns whether it is certain that all commits of other processes have been noticed. Never certain on Postgres.
    pub fn is_up_to_date(&self) -> bool {
        self.commit_tracker.as_ref().is_some_and(|commit_tracker| commit_tracker.is_up_to_date())
    }

    /// Records that the database has just answered.
    pub fn note_contact(&self) {
        self.condition.note_contact();
    }

    /// Acquires a read connection.
    pub async fn reader(&self) -> Result<SqlConn> {
        Ok(match &self.readers {
            // Boxed: the future that creates a connection is far larger than the one that reuses one.
            ReaderPool::Sqlite(readers) => Box::pin(readers.acquire()).await?.into(),
            ReaderPool::Postgres(readers) => Box::pin(readers.acquire()).await?.into(),
        })
    }

    /// Returns the current fault of the store, if any. On a full disk, probes with a write from time to time.
    pub async fn check(&self) -> Result<(), C::Error> {
        self.condition.verify_file()?;
        match self.condition.fault() {
            // On an idle system, no other write would discover that there is room again.
            Some(DbError::Full) if self.condition.take_probe() => self.write(async |tx| tx.probe().await).await,
            // Transient: if it still holds, the next query reports it.
            Some(DbError::Unreachable(_)) | None => Ok(()),
            Some(fault) => Err(fault.into()),
        }
    }

    /// Acquires a connection with a deadline, for lists, searches and previews.
    pub async fn search_conn(&self) -> Result<TimedConn> {
        let permit = timeout(SEARCH_WAIT, Arc::clone(&self.searches).acquire_owned()).await;
        let permit = permit.map_err(|_| DbError::Busy)?.map_err(|_| DbError::Closed)?;
        let conn: SqlConn = match &self.readers {
            ReaderPool::Sqlite(readers) => Box::pin(readers.acquire()).await?.into(),
            ReaderPool::Postgres(readers) => Box::pin(readers.acquire_for_search()).await?.into(),
        };
        Ok(TimedConn::new(conn, Instant::now() + SEARCH_TIME, permit))
    }

    /// Runs the work in the writer's transaction and returns once it is committed. If the work fails, only its own
    /// changes are rolled back.
    pub async fn write<T, F>(&self, work: F) -> Result<T, C::Error>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut C) -> Result<T, C::Error> + WriteWork<C, T>,
    {
        let (request, answer) = WriteRequest::new(work);
        self.queue.send(Box::new(request)).await.map_err(|_| DbError::Closed)?;
        let answer = answer.await.map_err(|_| DbError::Closed)?;
        // Only searches have a deadline that the caller could meet with a narrower query; a write can be retried as is.
        answer.map_err(|error| match error.database() {
            Some(DbError::TooSlow) => DbError::Busy.into(),
            _ => error,
        })
    }
}
