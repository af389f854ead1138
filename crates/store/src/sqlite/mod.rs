//! The SQLite back end: a file with one writer, a few readers, and two watchers beside them.

mod background;
mod file;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sqlx::{Sqlite, SqliteConnection};
use tokio::sync::{mpsc, watch};

use self::background::Told;
pub(crate) use self::file::{connect_options, create, create_folder, migrate};
use crate::engine::{Engine, QUEUED_WRITES, Readers};
use crate::sql::{Conn, Link};
use crate::writer::{self, Numbers, Reconnect, Tx};
use crate::{Result, StoreOptions, meta};

/// How long to wait for a lock or a free reader before the store counts as busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the lock is left alone after a commit; SQLite's lock is not fair, and other processes look for it by polling.
const GAP: Duration = Duration::from_millis(1);

/// Opens the file; makes it where there is none, and brings it up to date.
pub(crate) async fn open(path: &Path, options: &StoreOptions) -> Result<Engine> {
    create(path)?;
    let connect = connect_options(path);
    let writing = connect
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // What a batch of matches touches lies all over the file (32 MiB, taken only when it is needed).
        .pragma("cache_size", "-32768")
        // Checkpoints belong to the background; this is for when it cannot keep up (64 MiB).
        .pragma("wal_autocheckpoint", "16384");
    let mut conn = Conn::Sqlite(file::connect(&writing).await?);
    migrate(&mut conn, options).await?;
    meta::refuse_unfinished(&mut conn).await?;
    file::index(&mut conn).await?;

    let readers = PoolOptions::<Sqlite>::new()
        .max_connections(options.read_connections.max(1))
        .acquire_timeout(BUSY_TIMEOUT)
        // Nothing but a wrong file can break a connection, and a test would cost as much as most queries.
        .test_before_acquire(false)
        .connect_lazy_with(connect.clone().read_only(true));
    let (queue, queued) = mpsc::channel(QUEUED_WRITES);
    let log_changes = watch::Sender::new(0);
    let told = Arc::new(Told::of(path));
    let (stop, stopped) = watch::channel(false);
    let tx = Tx::new(conn, Reconnect::Never, options);
    let reading = connect.clone().read_only(true);
    let tasks = vec![
        tokio::spawn(background::watch(reading, log_changes.clone(), Arc::clone(&told), stopped.clone())),
        tokio::spawn(background::checkpoint(connect, Arc::clone(&told), stopped.clone())),
        tokio::spawn(write(tx, queued, log_changes.clone(), told, stopped)),
    ];
    Ok(Engine { readers: Readers::Sqlite(readers), queue, log_changes, stop, tasks: Mutex::new(tasks) })
}

/// Begins a transaction that may write.
pub(crate) async fn begin(conn: &mut SqliteConnection) -> Result<Numbers> {
    // In one go: handing a statement over costs more than running it.
    let begin = format!("BEGIN IMMEDIATE; {}", writer::SELECT_NUMBERS);
    Ok(sqlx::query_as(sqlx::AssertSqlSafe(begin)).fetch_one(conn).await?)
}

async fn write(
    tx: Tx,
    queued: mpsc::Receiver<Box<dyn writer::Job>>,
    log_changes: watch::Sender<u64>,
    told: Arc<Told>,
    stop: watch::Receiver<bool>,
) {
    let committed = |head: Option<i64>| {
        told.committed(head);
        if head.is_some() {
            log_changes.send_modify(|changes| *changes += 1);
        }
    };
    let mut conn = writer::run(tx, queued, committed, GAP, stop).await;
    let Link::Sqlite(file) = conn.link() else { return };
    let emptied = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut *file).await;
    if let Err(error) = emptied.map_err(crate::StoreError::from).and(conn.close().await) {
        tracing::warn!(%error, "the store was not closed cleanly; the next start will mend it");
    }
}
