//! Background tasks of an SQLite store: detecting commits of other processes, and checkpointing the write-ahead log
//! (WAL).

use std::fs::File;
use std::future::ready;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

#[cfg(target_os = "linux")]
use futures_util::StreamExt as _;
use rustix::process::{Flock, FlockType, fcntl_getlk};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep};

use super::connection::{OpenOptions, SqliteConnection, run_blocking};
use crate::condition::StoreCondition;
use crate::error::Result;
use crate::fault_log::FaultLog;
use crate::transaction_event::{OthersWrote, TransactionEvent};

/// Polling interval for other processes' commits if the kernel offers no file notifications.
const WATCH_EVERY: Duration = Duration::from_millis(20);
/// Delay after a notification before the commit counter is read; about the time a commit takes on a fast disk.
const LOOK_AFTER: Duration = Duration::from_millis(2);
/// Upper bound of that delay, which doubles while a commit is still in progress.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_millis(50);
/// Grace period: a process that has just opened the WAL may not hold its shared lock yet.
const ARRIVAL: Duration = Duration::from_secs(1);
/// Interval at which the need for a checkpoint is examined.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
/// Number of commits that triggers a checkpoint.
const MUCH: u32 = 64;
/// Number of intervals after which any commit triggers a checkpoint. Fewer would be wasteful: a checkpoint syncs the
/// disk twice.
const PATIENCE: u32 = 10;

/// Calls `others_wrote` whenever another process has committed.
///
/// A commit first appends to the WAL, which triggers a file notification, and then updates the commit counter in the
/// WAL index. The writing process holds a lock until both are done. While no other process has the WAL open,
/// notifications of writes are disabled, since all of them would be our own.
pub async fn watch(others_wrote: OthersWrote, commit_tracker: Arc<CommitTracker>, mut stop: watch::Receiver<bool>) {
    let mut watcher = WalWatcher::on(&commit_tracker.wal);
    let mut seen = None;
    let mut opened_at = Instant::now();
    let mut look_again = false;
    let mut pause = LOOK_AFTER;
    loop {
        tokio::select! {
            was_opened = watcher.changed() => if was_opened {
                opened_at = Instant::now();
                watcher.watch_writes(true, &commit_tracker.wal);
            },
            () = ready(()), if look_again => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        // A commit triggers several notifications, the first before it is complete: wait, then read the counter once.
        sleep(pause).await;
        // The lock is checked before the counter: a process that commits and unlocks between the two is then counted.
        look_again = commit_tracker.others_hold(WRITER_AT) == Some(true);
        match commit_tracker.others_commits() {
            ForeignCommits::Nothing => {}
            ForeignCommits::Commits(found) if found.is_some() && found == seen => {}
            // `None`: the counter cannot be read, so followers of the log have to look for themselves.
            ForeignCommits::Commits(found) => {
                others_wrote();
                seen = found;
            }
            ForeignCommits::Unknown => look_again = true,
        }
        pause = if look_again { (pause * 2).min(LOOK_AT_LEAST_EVERY) } else { LOOK_AFTER };
        if opened_at.elapsed() > ARRIVAL && commit_tracker.others_hold(PRESENT_AT) == Some(false) {
            watcher.watch_writes(false, &commit_tracker.wal);
        }
    }
}

/// Copies committed pages from the WAL into the file, so that the writer never has to pause for it, and checks that the
/// file is still in place.
pub async fn checkpoint(
    options: OpenOptions,
    commit_tracker: Arc<CommitTracker>,
    condition: Arc<StoreCondition>,
    mut stop: watch::Receiver<bool>,
) {
    let mut own = OwnConnection::new(options);
    let mut ticks = every(CHECKPOINT_EVERY);
    let mut copied = None;
    let mut passed = 0;
    while is_next(&mut ticks, &mut stop).await {
        passed += 1;
        let condition = Arc::clone(&condition);
        // Checkpointing into a deleted file would be pointless; the condition reports it.
        if run_blocking(move || condition.verify_file()).await.is_err() {
            continue;
        }
        // Read from the WAL index, which also counts commits of other processes.
        let commits = commit_tracker.commits();
        // The counter wraps around at 2^32.
        let more = commits.zip(copied).map_or(MUCH, |(commits, copied): (u32, u32)| commits.wrapping_sub(copied));
        if more >= MUCH || (more > 0 && passed >= PATIENCE) {
            (copied, passed) = (commits, 0);
            own.run("PRAGMA wal_checkpoint(PASSIVE)").await;
        }
    }
    own.close().await;
}

fn every(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Waits for the next tick; returns false if the store stops or was dropped.
async fn is_next(ticks: &mut Interval, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        _ = ticks.tick() => true,
        _ = stop.wait_for(|stop| *stop) => false,
    }
}

/// Tracks our own writer's commits, to distinguish them from those of other processes.
pub struct CommitTracker {
    wal: PathBuf,
    /// The WAL index, which contains the commit counter. It must be closed after all connections: when a process closes
    /// any descriptor of a file, POSIX drops all locks that it holds on that file.
    index: Option<File>,
    own: Mutex<OwnCommits>,
}

/// State of our own writer.
#[derive(Default)]
struct OwnCommits {
    /// Value of the commit counter after its last commit.
    last: Option<u32>,
    /// Whether a transaction is open. SQLite increments the counter before the commit is reported here.
    writes: bool,
}

/// Commits of other processes since our writer's last one.
enum ForeignCommits {
    Nothing,
    /// The counter's value if it differs from ours; `None` if it cannot be read.
    Commits(Option<u32>),
    /// Our own writer may be committing, which cannot be distinguished from a commit of another process.
    Unknown,
}

/// Offset of the commit counter (`iChange`) in the WAL index.
/// <https://www.sqlite.org/walformat.html#the_wal_index_header>
const COMMITS_AT: u64 = 8;
/// Offset of the byte that a writing process locks. <https://www.sqlite.org/walformat.html#wal_locks>
const WRITER_AT: u64 = 120;
/// Offset of the byte on which every process with an open connection holds a shared lock (`DMS` lock).
const PRESENT_AT: u64 = 128;

impl CommitTracker {
    pub fn of(database: &Path) -> Self {
        let beside = |end: &str| {
            let mut path = database.as_os_str().to_owned();
            path.push(end);
            PathBuf::from(path)
        };
        Self { wal: beside("-wal"), index: File::open(beside("-shm")).ok(), own: Mutex::default() }
    }

    /// Processes a step of our own writer. After a commit, calls `others_wrote` unless it is certain that no other
    /// process has committed since our last one.
    pub fn on_transaction(&self, step: TransactionEvent, others_wrote: &OthersWrote) {
        let mut own = self.own.lock();
        own.writes = matches!(step, TransactionEvent::Begins);
        if let TransactionEvent::Committed { appended } = step {
            let found = self.commits();
            // A transaction that appended increments the counter by exactly one.
            let alone = found.is_some() && found == own.last.map(|last| last.wrapping_add(appended.into()));
            if !alone {
                // Notify before updating `last`: otherwise a reader could consider itself up to date in between.
                others_wrote();
            }
            own.last = found;
        }
    }

    /// Returns whether it is certain that no other process has committed since our writer last did.
    pub fn is_up_to_date(&self) -> bool {
        let last = self.own.lock().last;
        last.is_some() && self.commits() == last
    }

    fn others_commits(&self) -> ForeignCommits {
        // Held until the comparison is done, so that our writer cannot begin a transaction in between.
        let own = self.own.lock();
        let found = self.commits();
        match found {
            _ if own.writes => ForeignCommits::Unknown,
            Some(_) if found == own.last => ForeignCommits::Nothing,
            _ => ForeignCommits::Commits(found),
        }
    }

    /// Returns whether another process holds a lock on this byte of the WAL index; `None` if unknown. `fcntl` does not
    /// report our own locks.
    fn others_hold(&self, byte: u64) -> Option<bool> {
        let lock = Flock { start: byte, length: 1, ..FlockType::WriteLock.into() };
        Some(fcntl_getlk(self.index.as_ref()?, &lock).ok()?.is_some())
    }

    /// Reads the commit counter. This takes microseconds, less than passing it to a blocking thread would.
    fn commits(&self) -> Option<u32> {
        let mut number = [0; 4];
        (self.index.as_ref()?).read_exact_at(&mut number, COMMITS_AT).ok()?;
        // The WAL index is in native byte order: it is never shared between machines.
        Some(u32::from_ne_bytes(number))
    }
}

/// Signals that the WAL was opened, or may have been written to.
enum WalWatcher {
    #[cfg(target_os = "linux")]
    Kernel { events: Box<inotify::EventStream<[u8; 512]>>, watches_writes: bool },
    /// Fallback: polling.
    Clock(Interval),
}

impl WalWatcher {
    #[cfg(target_os = "linux")]
    fn on(file: &Path) -> Self {
        // A missing inotify (limits, containers) falls back to polling.
        let watched = inotify::Inotify::init().and_then(|inotify| {
            inotify.watches().add(file, mask(true))?;
            inotify.into_event_stream([0; 512])
        });
        let from_kernel = |events| Self::Kernel { events: Box::new(events), watches_writes: true };
        watched.map_or_else(|_| Self::Clock(every(WATCH_EVERY)), from_kernel)
    }

    #[cfg(not(target_os = "linux"))]
    fn on(_: &Path) -> Self {
        Self::Clock(every(WATCH_EVERY))
    }

    /// Waits for the next signal; returns whether another process may have opened the file.
    async fn changed(&mut self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Kernel { events, .. } => {
                if let Some(Ok(event)) = events.next().await {
                    // Any other event, such as an overflow of the kernel's queue, may conceal an open.
                    return !event.mask.contains(inotify::EventMask::MODIFY);
                }
                // The watch is broken; poll from now on.
                *self = Self::Clock(every(WATCH_EVERY));
            }
            Self::Clock(ticks) => drop(ticks.tick().await),
        }
        false
    }

    /// Enables or disables signals for writes.
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, clippy::unused_self))]
    fn watch_writes(&mut self, enabled: bool, file: &Path) {
        #[cfg(target_os = "linux")]
        if let Self::Kernel { events, watches_writes } = self
            && *watches_writes != enabled
        {
            match events.watches().add(file, mask(enabled)) {
                Ok(_) => *watches_writes = enabled,
                Err(_) => *self = Self::Clock(every(WATCH_EVERY)),
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn mask(watches_writes: bool) -> inotify::WatchMask {
    use inotify::WatchMask;
    if watches_writes { WatchMask::OPEN | WatchMask::MODIFY } else { WatchMask::OPEN }
}

/// A connection that is reopened after an error.
struct OwnConnection {
    options: OpenOptions,
    open: Option<SqliteConnection>,
    fault_log: FaultLog,
}

impl OwnConnection {
    fn new(options: OpenOptions) -> Self {
        Self { options, open: None, fault_log: FaultLog::default() }
    }

    async fn close(self) {
        if let Some(connection) = self.open {
            // An error loses nothing: the WAL is recovered when the file is next opened.
            let _ = connection.close().await;
        }
    }

    /// Executes a statement. An error is logged, and closes the connection.
    async fn run(&mut self, sql: &'static str) {
        if let Err(error) = self.try_run(sql).await {
            if let Some(suppressed) = self.fault_log.should_log() {
                tracing::warn!(%error, suppressed, "the store's background work failed; retrying with a new connection");
            }
            self.open = None;
        }
    }

    async fn try_run(&mut self, sql: &'static str) -> Result<()> {
        let connection = match &mut self.open {
            Some(connection) => connection,
            None => self.open.insert(self.options.connect().await?),
        };
        connection.run(move |file| Ok(file.execute_batch(sql)?)).await
    }
}
