//! What serves a store: its readers, its writer, and what runs beside them.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::timed::TimedConn;
use crate::condition::Condition;
use crate::error::{Result, StoreError};
use crate::newest::Changes;
use crate::sql::Conn;
use crate::sqlite::background::Told;
use crate::writer::{BoxFuture, Job, Request, WriteContext};
use crate::{meta, postgres, sqlite};

/// How many writes may wait; whoever comes then waits to be let in.
pub(super) const QUEUED_WRITES: usize = 1024;

/// Time that a list, a search or a preview has.
const SEARCH_TIME: Duration = Duration::from_secs(1);
/// Time that a search waits for its turn.
const SEARCH_WAIT: Duration = Duration::from_secs(5);

pub(crate) struct Engine<C> {
    pub(crate) readers: Readers,
    /// Searches that may run at once: fewer than there are readers, so that credentials are read beside them.
    pub(crate) searches: Arc<Semaphore>,
    pub(crate) condition: Arc<Condition>,
    pub(crate) queue: mpsc::Sender<Box<dyn Job<C>>>,
    pub(crate) changes: Changes,
    /// What this process knows of others that write to the same file; of those on Postgres it knows nothing.
    pub(crate) told: Option<Arc<Told>>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// Connections for reading.
pub(crate) enum Readers {
    Sqlite(sqlite::Readers),
    /// One pool for everything, and one for searches, whose statements the server interrupts.
    Postgres(Box<postgres::Readers>),
}

/// Searches that may run at once where there are so many readers.
pub(super) fn searches_beside(read_connections: u32) -> usize {
    read_connections.saturating_sub(1).max(1) as usize
}

impl<C: WriteContext> Engine<C> {
    pub(crate) async fn close(&self) {
        // The writer goes last: it leaves a file complete, which those that only read could not.
        match &self.readers {
            Readers::Sqlite(readers) => readers.close().await,
            Readers::Postgres(readers) => readers.close().await,
        }
        self.stop.send_replace(true);
        let tasks = std::mem::take(&mut *self.tasks.lock());
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the store ended badly");
            }
        }
    }

    pub(crate) async fn reader(&self) -> Result<Conn> {
        Ok(match &self.readers {
            // On the heap, as making a connection takes far more room than having one.
            Readers::Sqlite(readers) => Box::pin(readers.acquire()).await?.into(),
            Readers::Postgres(readers) => Box::pin(readers.acquire()).await?.into(),
        })
    }

    /// Whether the store is without fault, as far as is known.
    pub(crate) async fn check(&self) -> Result<()> {
        self.condition.verify_file()?;
        match self.condition.fault() {
            // Perhaps nothing else writes that would find room again.
            Some(StoreError::Full) if self.condition.take_probe() => {
                let probe = self.write(|tx| {
                    let now = tx.now;
                    Box::pin(meta::probe(&mut tx.conn, now))
                });
                probe.await
            }
            Some(StoreError::Unreachable(_)) | None => Ok(()),
            Some(fault) => Err(fault),
        }
    }

    /// A connection for lists, searches and previews.
    pub(crate) async fn search_conn(&self) -> Result<TimedConn> {
        let permit = timeout(SEARCH_WAIT, Arc::clone(&self.searches).acquire_owned()).await;
        let permit = permit.map_err(|_| StoreError::Busy)?.map_err(|_| StoreError::Closed)?;
        let conn: Conn = match &self.readers {
            Readers::Sqlite(readers) => Box::pin(readers.acquire()).await?.into(),
            Readers::Postgres(readers) => Box::pin(readers.acquire_for_search()).await?.into(),
        };
        Ok(TimedConn::new(conn, Instant::now() + SEARCH_TIME, permit))
    }

    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut C) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (request, answer) = Request::new(work);
        self.queue.send(Box::new(request)).await.map_err(|_| StoreError::Closed)?;
        let answer = answer.await.map_err(|_| StoreError::Closed)?;
        // Only searches are narrowed; what was to be written can be tried again as it is.
        answer.map_err(|error| if matches!(error, StoreError::TooSlow) { StoreError::Busy } else { error })
    }
}
