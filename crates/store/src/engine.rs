//! What serves a store: its readers, its writer, and what runs beside them.

use std::sync::{Arc, Mutex};

use sqlx::PgPool;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::newest::Changes;
use crate::sql::Conn;
use crate::writer::{BoxFuture, Job, Request, Tx};
use crate::{Result, StoreError, sqlite};

/// How many writes may wait; whoever comes then waits to be let in.
pub(crate) const QUEUED_WRITES: usize = 1024;

pub(crate) struct Engine {
    pub(crate) readers: Readers,
    pub(crate) queue: mpsc::Sender<Box<dyn Job>>,
    pub(crate) changes: Changes,
    /// What this process knows of others that write to the same file; of those on Postgres it knows nothing.
    pub(crate) told: Option<Arc<sqlite::Told>>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// Connections for reading.
pub(crate) enum Readers {
    Sqlite(sqlite::Readers),
    Postgres(PgPool),
}

impl Engine {
    pub(crate) async fn close(&self) {
        // The writer goes last: it leaves a file complete, which those that only read could not.
        match &self.readers {
            Readers::Sqlite(readers) => readers.close().await,
            Readers::Postgres(pool) => pool.close().await,
        }
        self.stop.send_replace(true);
        let tasks = self.tasks.lock().map(|mut tasks| std::mem::take(&mut *tasks)).unwrap_or_default();
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
            Readers::Postgres(pool) => Box::pin(pool.acquire()).await?.into(),
        })
    }

    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
    {
        let (request, answer) = Request::new(work);
        self.queue.send(Box::new(request)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}
