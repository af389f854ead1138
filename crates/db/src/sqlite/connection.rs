//! Connections to an SQLite file, and the threads that execute their statements.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{InterruptHandle, OpenFlags};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout};

use crate::condition::StoreCondition;
use crate::error::{DbError, Result};

/// Maximum wait for a lock or a pooled reader before [`DbError::Busy`].
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Capacity of a connection's cache of prepared statements.
const PREPARED: usize = 100;
/// Batches of rows buffered ahead of a stream's consumer.
const BATCHES: usize = 2;

/// Virtual machine steps between two checks of the deadline (a check takes 50 ns): a fraction of a millisecond.
const STEPS: i32 = 4_000;

/// Options for opening a file.
#[derive(Clone)]
pub struct OpenOptions {
    path: PathBuf,
    flags: OpenFlags,
    pragmas: String,
    /// Where faults of the file are recorded.
    condition: Option<Arc<StoreCondition>>,
}

/// An open file.
///
/// SQLite calls block the thread, because a disk is slow or another process holds the lock. They must not run on a
/// thread that drives other tasks.
pub struct SqliteConnection {
    /// Locked while a statement runs, even if its caller has gone away; `None` once closed.
    file: Arc<Mutex<Option<rusqlite::Connection>>>,
    execution: Execution,
    /// Interrupts reads only; statements that may write always run to the end.
    interrupt: Option<InterruptHandle>,
    deadline: StatementDeadline,
    condition: Option<Arc<StoreCondition>>,
}

/// Time at which a connection's statements are interrupted. It has no effect on connections that write.
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

/// Interrupts an abandoned read when dropped, before the connection can be reused by another caller.
struct CallerGuard<'c>(Option<&'c InterruptHandle>);

impl Drop for CallerGuard<'_> {
    fn drop(&mut self) {
        if let Some(interrupt) = self.0 {
            interrupt.interrupt();
        }
    }
}

/// Thread on which statements run.
#[derive(Clone, Copy)]
enum Execution {
    /// The calling thread.
    Inline,
    /// A thread of the blocking pool.
    Blocking,
}

impl OpenOptions {
    /// Options for reading and writing an existing file.
    pub fn new(path: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // The prefix keeps SQLite from interpreting names such as `:memory:` or `file:` URIs.
        let path = if path.is_relative() { Path::new(".").join(path) } else { path.to_owned() };
        Self { path, flags, pragmas: String::new(), condition: None }.pragma("foreign_keys", "ON")
    }

    /// Opens the file read-only; statements can then be interrupted.
    #[must_use]
    pub fn read_only(mut self) -> Self {
        self.flags.remove(OpenFlags::SQLITE_OPEN_READ_WRITE);
        self.flags.insert(OpenFlags::SQLITE_OPEN_READ_ONLY);
        self
    }

    /// Records faults of the file in `condition`.
    pub(crate) fn noting_faults(mut self, condition: &Arc<StoreCondition>) -> Self {
        self.condition = Some(Arc::clone(condition));
        self
    }

    /// Treats the file as immutable: SQLite then uses no locks, WAL or journal. Only for files that no process writes
    /// to.
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

    /// Adds a pragma to be set when the file is opened, in the order of the calls.
    #[must_use]
    pub fn pragma(mut self, name: &str, value: &str) -> Self {
        // Writing to a string cannot fail.
        let _ = write!(self.pragmas, "PRAGMA {name} = {value}; ");
        self
    }

    /// Opens the file. Blocks the thread.
    pub fn open(&self) -> rusqlite::Result<rusqlite::Connection> {
        let file = rusqlite::Connection::open_with_flags(&self.path, self.flags)?;
        file.busy_timeout(BUSY_TIMEOUT)?;
        file.set_prepared_statement_cache_capacity(PREPARED);
        file.execute_batch(&self.pragmas)?;
        Ok(file)
    }

    /// Opens the file on a blocking thread; statements will run on such threads, too.
    pub async fn connect(&self) -> Result<SqliteConnection> {
        if let Some(condition) = &self.condition {
            // Another file at this path could contain another store's sessions and listings.
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
    /// Executes statements on the calling thread, which must not drive other tasks.
    #[must_use]
    pub fn run_inline(self) -> Self {
        Self { execution: Execution::Inline, ..self }
    }

    /// Runs `work` with the file after all earlier work has finished. If it can write, it runs to the end even if the
    /// returned future is dropped.
    pub async fn run<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut rusqlite::Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let done = match self.execution {
            Execution::Inline => work(opened(&mut *self.file.lock().await)?),
            Execution::Blocking => {
                // The lock is awaited without occupying a blocking thread: many abandoned statements may be queued.
                let file = timeout(BUSY_TIMEOUT, Arc::clone(&self.file).lock_owned()).await;
                let mut file = file.map_err(|_| DbError::Busy)?;
                let mut waiting = CallerGuard(self.interrupt.as_ref());
                let done = run_blocking(move || work(opened(&mut file)?)).await;
                // Completed, so there is nothing to interrupt.
                waiting.0 = None;
                done
            }
        };
        done.inspect_err(|error| note(self.condition.as_deref(), error))
    }

    /// Returns the deadline of the connection's statements; effective on read-only connections.
    pub fn deadline(&self) -> &StatementDeadline {
        &self.deadline
    }

    /// Streams the rows of a statement in batches of `batch` rows, until the receiver is dropped.
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
                // Sending fails only if the receiver is gone.
                drop(sender.blocking_send(Err(error)));
            }
        });
        batches
    }

    /// Closes the file after the statement in progress.
    pub async fn close(self) -> Result<()> {
        let file = Arc::clone(&self.file).lock_owned().await.take();
        // Everything is committed by now: an error on closing is reported, and the handle is abandoned.
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

/// Runs `work` on a thread of the blocking pool.
pub async fn run_blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    // The join fails if `work` panics or the runtime is shutting down.
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(DbError::Closed.into()))
}

/// Sends the rows of a statement in batches until the receiver is dropped. Blocks the thread.
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
