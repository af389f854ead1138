//! What serves a store: its readers, its writer, and what runs beside them.

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

/// How many writes may wait; whoever comes then waits to be let in.
pub(super) const QUEUED_WRITES: usize = 1024;

/// Time that a list, a search or a preview has.
const SEARCH_TIME: Duration = Duration::from_secs(1);
/// Time that a search waits for its turn.
const SEARCH_WAIT: Duration = Duration::from_secs(5);

/// A database that is served: its readers, its writer, and what runs beside them.
pub struct DatabaseEngine<C> {
    pub(super) readers: ReaderPool,
    /// Searches that may run at once: fewer than there are readers, so that credentials are read beside them.
    pub(super) searches: Arc<Semaphore>,
    pub(super) condition: Arc<StoreCondition>,
    pub(super) queue: mpsc::Sender<Box<dyn WriteJob<C>>>,
    /// What this process knows of others that write to the same file; of those on Postgres it knows nothing.
    pub(super) commit_tracker: Option<Arc<CommitTracker>>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// Connections for reading.
pub(super) enum ReaderPool {
    Sqlite(sqlite::SqliteReaders),
    /// One pool for everything, and one for searches, whose statements the server interrupts.
    Postgres(Box<postgres::PostgresReaders>),
}

/// Searches that may run at once where there are so many readers.
pub(super) fn searches_beside(read_connections: u32) -> usize {
    read_connections.saturating_sub(1).max(1) as usize
}

impl<C: WriteContext> DatabaseEngine<C> {
    /// Ends the writer after what is queued, and all that runs beside it.
    pub async fn close(&self) {
        // The writer goes last: it leaves a file complete, which those that only read could not.
        match &self.readers {
            ReaderPool::Sqlite(readers) => readers.close().await,
            ReaderPool::Postgres(readers) => readers.close().await,
        }
        self.stop.send_replace(true);
        let tasks = std::mem::take(&mut *self.tasks.lock());
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the store ended badly");
            }
        }
    }

    /// Whether it takes no more writes.
    pub fn is_closed(&self) -> bool {
        self.queue.is_closed()
    }

    /// Whether processes on several machines may serve the same database.
    pub fn is_shared(&self) -> bool {
        matches!(self.readers, ReaderPool::Postgres(_))
    }

    /// Whether it is certain that no other process has committed anything that this one has not been told of.
    pub fn is_up_to_date(&self) -> bool {
        self.commit_tracker.as_ref().is_some_and(|commit_tracker| commit_tracker.is_up_to_date())
    }

    /// Notes that the database has just been reached.
    pub fn note_contact(&self) {
        self.condition.note_contact();
    }

    /// A connection for reading.
    pub async fn reader(&self) -> Result<SqlConn> {
        Ok(match &self.readers {
            // On the heap, as making a connection takes far more room than having one.
            ReaderPool::Sqlite(readers) => Box::pin(readers.acquire()).await?.into(),
            ReaderPool::Postgres(readers) => Box::pin(readers.acquire()).await?.into(),
        })
    }

    /// Whether the store is without fault, as far as is known.
    pub async fn check(&self) -> Result<(), C::Error> {
        self.condition.verify_file()?;
        match self.condition.fault() {
            // Perhaps nothing else writes that would find room again.
            Some(DbError::Full) if self.condition.take_probe() => self.write(async |tx| tx.probe().await).await,
            Some(DbError::Unreachable(_)) | None => Ok(()),
            Some(fault) => Err(fault.into()),
        }
    }

    /// A connection for lists, searches and previews.
    pub async fn search_conn(&self) -> Result<TimedConn> {
        let permit = timeout(SEARCH_WAIT, Arc::clone(&self.searches).acquire_owned()).await;
        let permit = permit.map_err(|_| DbError::Busy)?.map_err(|_| DbError::Closed)?;
        let conn: SqlConn = match &self.readers {
            ReaderPool::Sqlite(readers) => Box::pin(readers.acquire()).await?.into(),
            ReaderPool::Postgres(readers) => Box::pin(readers.acquire_for_search()).await?.into(),
        };
        Ok(TimedConn::new(conn, Instant::now() + SEARCH_TIME, permit))
    }

    /// Has the writer do the work and answers when it is committed; an error undoes this work alone.
    pub async fn write<T, F>(&self, work: F) -> Result<T, C::Error>
    where
        T: Send + 'static,
        F: AsyncFnOnce(&mut C) -> Result<T, C::Error> + WriteWork<C, T>,
    {
        let (request, answer) = WriteRequest::new(work);
        self.queue.send(Box::new(request)).await.map_err(|_| DbError::Closed)?;
        let answer = answer.await.map_err(|_| DbError::Closed)?;
        // Only searches are narrowed; what was to be written can be tried again as it is.
        answer.map_err(|error| match error.database() {
            Some(DbError::TooSlow) => DbError::Busy.into(),
            _ => error,
        })
    }
}
