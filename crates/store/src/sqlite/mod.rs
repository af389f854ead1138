//! The SQLite back end: one writer, a few readers, and two watchers beside them.

mod background;
mod file;
mod script;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, QueryBuilder, Sqlite, SqlitePool};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub(crate) use self::script::Script;
pub(crate) use self::writer::{BoxFuture, Tx};
use self::writer::{Job, Request};
use crate::{Result, StoreError, StoreOptions};

/// How long to wait for a lock or a free reader before the store counts as busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How many writes may wait; whoever comes then waits to be let in.
const QUEUED_WRITES: usize = 1024;

pub(crate) struct SqliteStore {
    queue: mpsc::Sender<Box<dyn Job>>,
    readers: SqlitePool,
    log_changes: watch::Sender<u64>,
    stop: watch::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl SqliteStore {
    pub(crate) async fn open(path: &Path, options: &StoreOptions) -> Result<Self> {
        file::create(path)?;
        let connect = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT).foreign_keys(true);
        let connect = connect.optimize_on_close(false, None).disable_statement_logging();
        let writing = connect
            .clone()
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // What a batch of matches touches lies all over the file (32 MiB, taken only when it is needed).
            .pragma("cache_size", "-32768")
            // Checkpoints belong to the background; this is for when it cannot keep up (64 MiB).
            .pragma("wal_autocheckpoint", "16384");
        let mut connection = file::connect(&writing).await?;
        file::migrate(&mut connection, options).await?;

        let readers = PoolOptions::<Sqlite>::new()
            .max_connections(options.read_connections.max(1))
            .acquire_timeout(BUSY_TIMEOUT)
            // Nothing but a wrong file can break a connection, and a test would cost as much as most queries.
            .test_before_acquire(false)
            .connect_lazy_with(connect.clone().read_only(true));
        let (queue, queued) = mpsc::channel(QUEUED_WRITES);
        let log_changes = watch::Sender::new(0);
        let told = Arc::new(background::Told::of(path));
        let (stop, stopped) = watch::channel(false);
        let tx = Tx::new(connection, options);
        let tasks = vec![
            tokio::spawn(background::watch(
                connect.clone().read_only(true),
                log_changes.clone(),
                Arc::clone(&told),
                stopped.clone(),
            )),
            tokio::spawn(background::checkpoint(connect, Arc::clone(&told), stopped.clone())),
            tokio::spawn(writer::run(tx, queued, log_changes.clone(), told, stopped)),
        ];
        Ok(Self { queue, readers, log_changes, stop, tasks: Mutex::new(tasks) })
    }

    pub(crate) async fn close(&self) {
        self.stop.send_replace(true);
        self.readers.close().await;
        let tasks = self.tasks.lock().map(|mut tasks| std::mem::take(&mut *tasks)).unwrap_or_default();
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the store ended badly");
            }
        }
    }

    pub(crate) fn writer_ended(&self) -> bool {
        self.queue.is_closed()
    }

    pub(crate) fn log_changes(&self) -> watch::Receiver<u64> {
        self.log_changes.subscribe()
    }

    pub(crate) async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        Ok(self.readers.acquire().await?)
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

/// Rows in parts of few different sizes, so that the statements for them are prepared once and kept.
pub(crate) fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    const SIZES: [usize; 4] = [512, 64, 8, 1];
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rows.len())?;
        let (chunk, rest) = rows.split_at(size);
        rows = rest;
        Some(chunk)
    })
}

/// A statement that ends in `IN (`, with those numbers after it, and what follows them.
pub(crate) fn where_in(statement: &str, ids: &[i64], rest: &str) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(statement);
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(*id);
    }
    query.push(")").push(rest);
    query
}
