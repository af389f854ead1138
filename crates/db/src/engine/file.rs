//! Engine for SQLite: one writer thread, pooled readers, and two background tasks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::handle::{DatabaseEngine, QUEUED_WRITES, ReaderPool, searches_beside};
use crate::condition::StoreCondition;
use crate::error::{DbError, Result};
use crate::sql::{ConnLink, SqlConn};
use crate::sqlite::background::{self, CommitTracker};
use crate::sqlite::{self, OpenOptions, file_error};
use crate::transaction_event::OthersWrote;
use crate::writer::{CommitWriter, ReconnectPolicy, WriteContext, WriteJob, WriteTransaction};

/// Time the write lock is left free after a commit. SQLite's lock is not fair, and other processes poll for it.
const GAP: Duration = Duration::from_millis(1);

/// A file opened for writing that does not serve requests yet.
pub struct OpenFile {
    /// The write connection; used for migrations before the file is served.
    pub conn: SqlConn,
    path: PathBuf,
    /// Options for further connections to the file.
    connect: OpenOptions,
    condition: Arc<StoreCondition>,
}

impl OpenFile {
    /// Opens the file, creating it if it does not exist.
    pub async fn open(path: &Path) -> Result<Self> {
        sqlite::inspect(path);
        sqlite::create(path)?;
        let condition = Arc::new(StoreCondition::of_file(path).map_err(|error| file_error(path, error))?);
        let connect = OpenOptions::new(path).noting_faults(&condition);
        let writing = connect
            .clone()
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            // 32 MiB, allocated on demand: a batch of matches touches pages all over the file.
            .pragma("cache_size", "-32768")
            // 64 MiB (pages of 4 KiB): the background task checkpoints; this limit applies if it cannot keep up.
            .pragma("wal_autocheckpoint", "16384");
        let conn = SqlConn::from(sqlite::connect(&writing).await?);
        Ok(Self { conn, path: path.to_owned(), connect, condition })
    }

    /// Starts the writer and the background tasks, and creates the read pool.
    pub fn serve<C: WriteContext>(
        self,
        read_connections: u32,
        others_wrote: OthersWrote,
        context: impl FnOnce(WriteTransaction<C::Numbers>) -> C,
    ) -> Result<DatabaseEngine<C>> {
        let Self { conn, path, connect, condition } = self;
        // The writer has its own thread, which may block.
        let conn = conn.run_inline();
        let searches = searches_beside(read_connections);
        // One more reader than concurrent searches, so that searches cannot starve credential checks.
        let readers = sqlite::SqliteReaders::of(connect.clone().read_only(), searches + 1)?;
        let (queue, queued) = mpsc::channel(QUEUED_WRITES);
        let commit_tracker = Arc::new(CommitTracker::of(&path));
        let (stop, stopped) = watch::channel(false);
        let tx = context(WriteTransaction::new(conn));
        let writer = CommitWriter::new(tx, ReconnectPolicy::Never, Arc::clone(&condition));
        let tasks = vec![
            tokio::spawn(background::watch(Arc::clone(&others_wrote), Arc::clone(&commit_tracker), stopped.clone())),
            tokio::spawn(background::checkpoint(
                connect,
                Arc::clone(&commit_tracker),
                Arc::clone(&condition),
                stopped.clone(),
            )),
            on_a_thread(write(writer, queued, others_wrote, Arc::clone(&commit_tracker), stopped))?,
        ];
        Ok(DatabaseEngine {
            readers: ReaderPool::Sqlite(readers),
            searches: Arc::new(Semaphore::new(searches)),
            condition,
            queue,
            commit_tracker: Some(commit_tracker),
            stop,
            tasks: Mutex::new(tasks),
        })
    }
}

/// Runs a future on its own thread and returns a task that ends when the thread does.
///
/// SQLite calls are made on that thread directly. Passing them to another thread would cost two wake-ups per statement,
/// more than most statements take.
fn on_a_thread(work: impl Future<Output = ()> + Send + 'static) -> Result<JoinHandle<()>> {
    let cannot = |error: std::io::Error| DbError::Unreachable(error.to_string());
    let runtime = runtime::Builder::new_current_thread().enable_time().build().map_err(cannot)?;
    let (ends, ended) = oneshot::channel::<()>();
    let run = move || {
        runtime.block_on(work);
        drop(ends);
    };
    thread::Builder::new().name("store-writer".to_owned()).spawn(run).map_err(cannot)?;
    Ok(tokio::spawn(async { drop(ended.await) }))
}

async fn write<C: WriteContext>(
    writer: CommitWriter<C>,
    queued: mpsc::Receiver<Box<dyn WriteJob<C>>>,
    others_wrote: OthersWrote,
    commit_tracker: Arc<CommitTracker>,
    stop: watch::Receiver<bool>,
) {
    // Closing the last connection checkpoints anyway; doing it explicitly reports an error.
    let on_transaction = |step| commit_tracker.on_transaction(step, &others_wrote);
    let mut conn = writer.run(queued, on_transaction, GAP, stop).await;
    let ConnLink::Sqlite(file) = conn.link() else { return };
    let emptied = file.run(|file| Ok(file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)).await;
    if let Err(error) = emptied.and(conn.close().await) {
        tracing::warn!(%error, "the store was not closed cleanly; the next start will recover it");
    }
}
