//! The SQLite back end: a file with one writer, a few readers, and two watchers beside them.

mod background;
mod connection;
mod file;
mod owner;
mod readers;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

pub(crate) use self::background::Told;
pub(crate) use self::connection::{Connection, Options, elsewhere, send_rows};
pub(crate) use self::file::{check_access, create, create_folder, folder_of, migrate};
pub(crate) use self::owner::{file_error, give_to_owner_of};
pub(crate) use self::readers::{Reader, Readers};
use crate::condition::Condition;
use crate::engine::{self, Engine, QUEUED_WRITES, searches_beside};
use crate::error::{Result, StoreError};
use crate::meta;
use crate::newest::Changes;
use crate::numbers::{Numbers, SELECT_NUMBERS};
use crate::options::StoreOptions;
use crate::sql::{self, Conn, Link};
use crate::writer::{self, Reconnect, Tx};

/// How long to wait for a lock or a free reader before the store counts as busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the lock is left alone after a commit; SQLite's lock is not fair, and other processes look for it by polling.
const GAP: Duration = Duration::from_millis(1);

/// Opens the file; makes it where there is none, and brings it up to date.
pub(crate) async fn open(path: &Path, options: &StoreOptions) -> Result<Engine> {
    file::inspect(path);
    create(path)?;
    let condition = Arc::new(Condition::of_file(path).map_err(|error| file_error(path, error))?);
    let connect = Options::new(path).noting_faults(&condition);
    let writing = connect
        .clone()
        .pragma("journal_mode", "WAL")
        .pragma("synchronous", "FULL")
        // What a batch of matches touches lies all over the file (32 MiB, taken only when it is needed).
        .pragma("cache_size", "-32768")
        // Checkpoints belong to the background; this is for when it cannot keep up (64 MiB).
        .pragma("wal_autocheckpoint", "16384");
    let mut conn = Conn::from(file::connect(&writing).await?);
    migrate(&mut conn, options).await?;
    meta::refuse_unfinished(&mut conn).await?;
    file::index(&mut conn).await?;
    // The writer's thread has nothing else to do.
    let conn = conn.here();

    let searches = searches_beside(options.read_connections);
    // Beside the searches at least one reads for everything else.
    let readers = Readers::of(connect.clone().read_only(), searches + 1)?;
    let (queue, queued) = mpsc::channel(QUEUED_WRITES);
    let changes = Changes::default();
    let told = Arc::new(Told::of(path));
    let (stop, stopped) = watch::channel(false);
    let tx = Tx::new(conn, Reconnect::Never, changes.clone(), Arc::clone(&condition), options);
    let tasks = vec![
        tokio::spawn(background::watch(changes.clone(), Arc::clone(&told), stopped.clone())),
        tokio::spawn(background::checkpoint(connect, Arc::clone(&told), Arc::clone(&condition), stopped.clone())),
        on_a_thread(write(tx, queued, changes.clone(), Arc::clone(&told), stopped))?,
    ];
    Ok(Engine {
        readers: engine::Readers::Sqlite(readers),
        searches: Arc::new(Semaphore::new(searches)),
        common_beginnings: Arc::default(),
        condition,
        queue,
        changes,
        told: Some(told),
        stop,
        tasks: Mutex::new(tasks),
    })
}

/// Begins a transaction that may write.
pub(crate) async fn begin(conn: &mut Conn) -> Result<Numbers> {
    sql::query("BEGIN IMMEDIATE").execute(conn).await?;
    sql::query_as(SELECT_NUMBERS).fetch_one(conn).await
}

/// Runs something on a thread of its own, and gives a task that ends with it.
///
/// What is asked of SQLite is done right there. To have it done by another thread is a matter of two wake-ups for each
/// statement, which is more than most of them take.
fn on_a_thread(work: impl Future<Output = ()> + Send + 'static) -> Result<JoinHandle<()>> {
    let cannot = |error: std::io::Error| StoreError::Unreachable(error.to_string());
    let runtime = runtime::Builder::new_current_thread().enable_time().build().map_err(cannot)?;
    let (ends, ended) = oneshot::channel::<()>();
    let run = move || {
        runtime.block_on(work);
        drop(ends);
    };
    thread::Builder::new().name("store-writer".to_owned()).spawn(run).map_err(cannot)?;
    Ok(tokio::spawn(async { drop(ended.await) }))
}

async fn write(
    tx: Tx,
    queued: mpsc::Receiver<Box<dyn writer::Job>>,
    changes: Changes,
    told: Arc<Told>,
    stop: watch::Receiver<bool>,
) {
    let hear = |step| told.hear(step, &changes);
    let mut conn = writer::run(tx, queued, hear, GAP, stop).await;
    let Link::Sqlite(file) = conn.link() else { return };
    let emptied = file.run(|file| Ok(file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)).await;
    if let Err(error) = emptied.and(conn.close().await) {
        tracing::warn!(%error, "the store was not closed cleanly; the next start will mend it");
    }
}
