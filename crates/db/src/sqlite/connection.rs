//! Connections to a file, and the threads on which their statements run.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{InterruptHandle, OpenFlags};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout};

use crate::condition::StoreCondition;
use crate::error::{DbError, Result};

/// How long to wait for a lock or a free reader before the store counts as busy.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// So many statements are kept as they were prepared.
const PREPARED: usize = 100;
/// So many batches of rows wait for whoever reads them.
const BATCHES: usize = 2;

/// Steps of a statement between two looks at its deadline, which takes 50 ns: a fraction of a millisecond.
const STEPS: i32 = 4_000;

/// How a file is opened.
#[derive(Clone)]
pub struct OpenOptions {
    path: PathBuf,
    flags: OpenFlags,
    pragmas: String,
    /// Where faults of the file are noted.
    condition: Option<Arc<StoreCondition>>,
}

/// An open file.
///
/// SQLite blocks the thread that asks it something, be it because a disk is slow or another process has the lock. Threads
/// that others wait for must not do that.
pub struct SqliteConnection {
    /// Locked for as long as something is done with it, also where nobody waits for that any more; `None` once it is closed.
    file: Arc<Mutex<Option<rusqlite::Connection>>>,
    execution: Execution,
    /// Stops what is read; whatever may write is done to its end.
    interrupt: Option<InterruptHandle>,
    deadline: StatementDeadline,
    condition: Option<Arc<StoreCondition>>,
}

/// When the statements of a connection are interrupted; it has no effect on connections that write.
#[derive(Clone, Default)]
pub struct StatementDeadline(Arc<parking_lot::Mutex<Option<Instant>>>);

impl StatementDeadline {
    pub fn set(&self, at: Option<Instant>) {
        *self.0.lock() = at;
    }

    fn has_passed(&self) -> bool {
        let at = *self.0.lock();
        at.is_some_and(|at| at <= Instant::now())
    }
}

/// Stops what is read when nobody waits for it any more: before the connection is another's.
struct CallerGuard<'c>(Option<&'c InterruptHandle>);

impl Drop for CallerGuard<'_> {
    fn drop(&mut self) {
        if let Some(interrupt) = self.0 {
            interrupt.interrupt();
        }
    }
}

/// Where statements run.
#[derive(Clone, Copy)]
enum Execution {
    /// On the thread that asks.
    Inline,
    /// On one that may be blocked.
    Blocking,
}

impl OpenOptions {
    /// The file at that place, which is there, for reading and writing.
    pub fn new(path: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // A name that means something else to SQLite, such as a URI, does not begin like this.
        let path = if path.is_relative() { Path::new(".").join(path) } else { path.to_owned() };
        Self { path, flags, pragmas: String::new(), condition: None }.pragma("foreign_keys", "ON")
    }

    /// For reading only; what is read can be interrupted.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.flags.remove(OpenFlags::SQLITE_OPEN_READ_WRITE);
        self.flags.insert(OpenFlags::SQLITE_OPEN_READ_ONLY);
        self
    }

    /// Notes faults of the file there.
    pub(crate) fn noting_faults(mut self, condition: &Arc<StoreCondition>) -> Self {
        self.condition = Some(Arc::clone(condition));
        self
    }

    /// Takes it that nobody writes to the file, and looks for nothing beside it.
    #[must_use]
    pub fn immutable(mut self) -> Self {
        let mut uri = "file:".to_owned();
        for byte in self.path.as_os_str().as_encoded_bytes() {
            // Writing to a string cannot fail.
            let _ = if byte.is_ascii_alphanumeric() {
                uri.write_char(char::from(*byte))
            } else {
                write!(uri, "%{byte:02X}")
            };
        }
        self.path = PathBuf::from(uri + "?immutable=1");
        self.flags.insert(OpenFlags::SQLITE_OPEN_URI);
        self
    }

    /// Sets something as soon as the file is open, after what was to be set before.
    #[must_use]
    pub fn pragma(mut self, name: &str, value: &str) -> Self {
        // Writing to a string cannot fail.
        let _ = write!(self.pragmas, "PRAGMA {name} = {value}; ");
        self
    }

    /// Opens the file, which blocks this thread.
    pub fn open(&self) -> rusqlite::Result<rusqlite::Connection> {
        let file = rusqlite::Connection::open_with_flags(&self.path, self.flags)?;
        file.busy_timeout(BUSY_TIMEOUT)?;
        file.set_prepared_statement_cache_capacity(PREPARED);
        file.execute_batch(&self.pragmas)?;
        Ok(file)
    }

    /// Opens the file; its statements block no thread that others wait for.
    pub async fn connect(&self) -> Result<SqliteConnection> {
        if let Some(condition) = &self.condition {
            // Another file in its place would answer with another store's sessions and listings.
            condition.verify_file()?;
        }
        let options = self.clone();
        let file = run_blocking(move || options.open().map_err(DbError::from)).await;
        let mut file = file.inspect_err(|error| note(self.condition.as_deref(), error))?;
        let deadline = StatementDeadline::default();
        let mut interrupt = None;
        if self.flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
            interrupt = Some(file.get_interrupt_handle());
            let deadline = deadline.clone();
            file.progress_handler(STEPS, Some(move || deadline.has_passed()))?;
        }
        let file = Arc::new(Mutex::new(Some(file)));
        let condition = self.condition.clone();
        Ok(SqliteConnection { file, execution: Execution::Blocking, interrupt, deadline, condition })
    }
}

impl SqliteConnection {
    /// Has statements run on whichever thread asks for them: one that has nothing else to do.
    #[must_use]
    pub fn run_inline(self) -> Self {
        Self { execution: Execution::Inline, ..self }
    }

    /// Does something with the file, when what was begun before is done. Where it may write it is done to the end, whether or
    /// not somebody waits for it.
    pub async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut rusqlite::Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = match self.execution {
            Execution::Inline => work(opened(&mut *self.file.lock().await)?),
            Execution::Blocking => {
                // Waited for without a thread: those that are given up meanwhile may be many.
                let file = timeout(BUSY_TIMEOUT, Arc::clone(&self.file).lock_owned()).await;
                let mut file = file.map_err(|_| DbError::Busy)?;
                let mut waiting = CallerGuard(self.interrupt.as_ref());
                let done = run_blocking(move || work(opened(&mut file)?)).await;
                waiting.0 = None;
                done
            }
        };
        done.inspect_err(|error| note(self.condition.as_deref(), error))
    }

    /// When its statements are to be interrupted, where it only reads.
    pub fn deadline(&self) -> &StatementDeadline {
        &self.deadline
    }

    /// The rows of a statement, so many in each batch; they are read for as long as somebody wants them.
    pub fn stream<T: Send + 'static>(
        &mut self,
        sql: String,
        batch: usize,
        read: impl Fn(&rusqlite::Row<'_>) -> Result<T> + Send + 'static,
    ) -> mpsc::Receiver<Result<Vec<T>>> {
        let (sender, batches) = mpsc::channel(BATCHES);
        let file = Arc::clone(&self.file);
        tokio::task::spawn_blocking(move || {
            let send = |file: &mut rusqlite::Connection| send_rows(file, &sql, batch, read, &sender);
            if let Err(error) = opened(&mut file.blocking_lock()).and_then(send) {
                // Whoever reads has gone, or hears of it.
                drop(sender.blocking_send(Err(error)));
            }
        });
        batches
    }

    /// Closes the file, when what is under way is done.
    pub async fn close(self) -> Result<()> {
        let file = Arc::clone(&self.file).lock_owned().await.take();
        // Whatever was done is done: a file that cannot be closed says so, and is given up.
        let close = move || file.map_or(Ok(()), |file| file.close().map_err(|(_, error)| error.into()));
        match self.execution {
            Execution::Inline => close(),
            Execution::Blocking => run_blocking(close).await,
        }
    }
}

fn note(condition: Option<&StoreCondition>, error: &DbError) {
    if let Some(condition) = condition {
        condition.note(error);
    }
}

fn opened(file: &mut Option<rusqlite::Connection>) -> Result<&mut rusqlite::Connection> {
    file.as_mut().ok_or(DbError::Closed)
}

/// Does something on a thread that may be blocked.
pub async fn run_blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    // It ends otherwise where it panics, or where the runtime is shut down.
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(DbError::Closed.into()))
}

/// Reads the rows of a statement, and sends them in batches for as long as somebody wants them. This blocks the thread.
pub fn send_rows<T, E: From<rusqlite::Error>, F>(
    file: &rusqlite::Connection,
    sql: &str,
    size: usize,
    read: impl Fn(&rusqlite::Row<'_>) -> Result<T, E>,
    batches: &mpsc::Sender<Result<Vec<T>, F>>,
) -> Result<(), E> {
    let mut statement = file.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut batch = Vec::with_capacity(size);
    while let Some(row) = rows.next()? {
        batch.push(read(row)?);
        if batch.len() == size && batches.blocking_send(Ok(std::mem::take(&mut batch))).is_err() {
            return Ok(());
        }
    }
    if !batch.is_empty() {
        drop(batches.blocking_send(Ok(batch)));
    }
    Ok(())
}
