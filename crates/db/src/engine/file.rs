//! Serves a file: one writer, a few readers, and two watchers beside them.

use parking_lot::Mutex;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::handle::{Engine, QUEUED_WRITES, Readers, searches_beside};
use crate::condition::Condition;
use crate::error::{DbError, Result};
use crate::sql::{Conn, Link};
use crate::sqlite::background::{self, Told};
use crate::sqlite::{self, Options, file_error};
use crate::step::OthersWrote;
use crate::writer::{Job, Reconnect, Transaction, WriteContext, Writer};

/// How long the lock is left alone after a commit; SQLite's lock is not fair, and other processes look for it by polling.
const GAP: Duration = Duration::from_millis(1);

/// A file that is open for writing, and not served yet.
pub struct OpenFile {
    /// The connection that will write; until then it brings the schema up to date.
    pub conn: Conn,
    path: PathBuf,
    /// How other connections to it are made.
    connect: Options,
    condition: Arc<Condition>,
}

impl OpenFile {
    /// Opens the file; makes it where there is none.
    pub async fn open(path: &Path) -> Result<Self> {
        sqlite::inspect(path);
        sqlite::create(path)?;
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
        let conn = Conn::from(sqlite::connect(&writing).await?);
        Ok(Self { conn, path: path.to_owned(), connect, condition })
    }

    /// Lets the file be read and written to by all who ask.
    pub fn serve<C: WriteContext>(
        self,
        read_connections: u32,
        others_wrote: OthersWrote,
        context: impl FnOnce(Transaction<C::Numbers>) -> C,
    ) -> Result<Engine<C>> {
        let Self { conn, path, connect, condition } = self;
        // The writer's thread has nothing else to do.
        let conn = conn.here();
        let searches = searches_beside(read_connections);
        // Beside the searches at least one reads for everything else.
        let readers = sqlite::Readers::of(connect.clone().read_only(), searches + 1)?;
        let (queue, queued) = mpsc::channel(QUEUED_WRITES);
        let told = Arc::new(Told::of(&path));
        let (stop, stopped) = watch::channel(false);
        let tx = context(Transaction::new(conn));
        let writer = Writer::new(tx, Reconnect::Never, Arc::clone(&condition));
        let tasks = vec![
            tokio::spawn(background::watch(Arc::clone(&others_wrote), Arc::clone(&told), stopped.clone())),
            tokio::spawn(background::checkpoint(connect, Arc::clone(&told), Arc::clone(&condition), stopped.clone())),
            on_a_thread(write(writer, queued, others_wrote, Arc::clone(&told), stopped))?,
        ];
        Ok(Engine {
            readers: Readers::Sqlite(readers),
            searches: Arc::new(Semaphore::new(searches)),
            condition,
            queue,
            told: Some(told),
            stop,
            tasks: Mutex::new(tasks),
        })
    }
}

/// Runs something on a thread of its own, and gives a task that ends with it.
///
/// What is asked of SQLite is done right there. To have it done by another thread is a matter of two wake-ups for each
/// statement, which is more than most of them take.
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
    writer: Writer<C>,
    queued: mpsc::Receiver<Box<dyn Job<C>>>,
    others_wrote: OthersWrote,
    told: Arc<Told>,
    stop: watch::Receiver<bool>,
) {
    let hear = |step| told.hear(step, &others_wrote);
    let mut conn = writer.run(queued, hear, GAP, stop).await;
    let Link::Sqlite(file) = conn.link() else { return };
    let emptied = file.run(|file| Ok(file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)).await;
    if let Err(error) = emptied.and(conn.close().await) {
        tracing::warn!(%error, "the store was not closed cleanly; the next start will mend it");
    }
}
