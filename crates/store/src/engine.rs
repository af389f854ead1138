//! What serves a store: its readers, its writer, and what runs beside them.

use std::sync::Mutex;

use sqlx::{PgPool, SqlitePool};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::sql::Conn;
use crate::writer::{BoxFuture, Job, Request, Tx};
use crate::{Result, StoreError};

/// How many writes may wait; whoever comes then waits to be let in.
pub(crate) const QUEUED_WRITES: usize = 1024;

pub(crate) struct Engine {
    pub(crate) readers: Readers,
    pub(crate) queue: mpsc::Sender<Box<dyn Job>>,
    pub(crate) log_changes: watch::Sender<u64>,
    pub(crate) stop: watch::Sender<bool>,
    pub(crate) tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// Connections for reading.
pub(crate) enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Engine {
    pub(crate) async fn close(&self) {
        self.stop.send_replace(true);
        match &self.readers {
            Readers::Sqlite(pool) => pool.close().await,
            Readers::Postgres(pool) => pool.close().await,
        }
        let tasks = self.tasks.lock().map(|mut tasks| std::mem::take(&mut *tasks)).unwrap_or_default();
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the store ended badly");
            }
        }
    }

    pub(crate) async fn reader(&self) -> Result<Conn> {
        Ok(match &self.readers {
            Readers::Sqlite(pool) => Conn::SqliteReader(pool.acquire().await?),
            Readers::Postgres(pool) => Conn::PostgresReader(pool.acquire().await?),
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
