//! What happens beside reading and writing: other processes' commits are noticed, and the write-ahead log is emptied.

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

/// How often to look for other processes' commits, where the kernel does not tell of them.
const WATCH_EVERY: Duration = Duration::from_millis(20);
/// From its first write on, a commit takes so long, where the disk is fast; ...
const LOOK_AFTER: Duration = Duration::from_millis(2);
/// ... where it is not done by then, it is looked for after twice as long, and so on, up to this.
const LOOK_AT_LEAST_EVERY: Duration = Duration::from_millis(50);
/// So long after the log was opened, whoever has opened it may not yet be known to have it open.
const ARRIVAL: Duration = Duration::from_secs(1);
/// How often to see whether there is much to be copied into the file, ...
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
/// ... which is so many commits, ...
const MUCH: u32 = 64;
/// ... or whatever there is when one has seen to it so often: copying has to wait for the disk twice.
const PATIENCE: u32 = 10;

/// Notes a change of the log whenever another process has committed something.
///
/// Every commit leaves a trace in the write-ahead log, of which the kernel tells, and then in its index, which says how many
/// there were. Whoever writes holds a lock until both are done. While no other process has the log open it is not asked to
/// tell of what is written, which would be our own only.
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
        // The pages come before the commit; and those of one commit ring more than once.
        sleep(pause).await;
        // In this order: what was written by who has stopped meanwhile is counted.
        look_again = commit_tracker.others_hold(WRITER_AT) == Some(true);
        match commit_tracker.others_commits() {
            ForeignCommits::Nothing => {}
            ForeignCommits::Commits(found) if found.is_some() && found == seen => {}
            // Where it cannot be read, whoever follows the log is to look.
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

/// Copies what was committed into the file, so that the writer never has to stop for it, and sees whether the file is still
/// in its place.
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
        if run_blocking(move || condition.verify_file()).await.is_err() {
            continue;
        }
        // Not only what is told is committed.
        let commits = commit_tracker.commits();
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

/// Waits for the next turn; false when the store stops or was dropped.
async fn is_next(ticks: &mut Interval, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        _ = ticks.tick() => true,
        _ = stop.wait_for(|stop| *stop) => false,
    }
}

/// What our own writer has told of.
pub struct CommitTracker {
    wal: PathBuf,
    /// The write-ahead log's index, which counts the commits. It is closed after all connections: a process that closes a file
    /// once gives up all locks that it has on it.
    index: Option<File>,
    own: Mutex<OwnCommits>,
}

/// What our own writer does.
#[derive(Default)]
struct OwnCommits {
    /// How many commits there were when it had committed last.
    last: Option<u32>,
    /// Whether a transaction is under way: what it commits is counted before it is told.
    writes: bool,
}

/// What others have committed since our own writer did last.
enum ForeignCommits {
    Nothing,
    /// Something, or perhaps something where there is no number: so many commits there are now.
    Commits(Option<u32>),
    /// It cannot be told from what our own writer is about to commit.
    Unknown,
}

/// Where the index counts them: the third number of its head. <https://www.sqlite.org/walformat.html#the_wal_index_header>
const COMMITS_AT: u64 = 8;
/// The byte of the index that is locked by whoever writes, ... <https://www.sqlite.org/walformat.html#wal_locks>
const WRITER_AT: u64 = 120;
/// ... and the one that is locked by all who have it open.
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

    /// Our own writer begins something, or is done with it. Unless it is certain that nobody else has committed anything since
    /// it did so before, that is said.
    pub fn on_transaction(&self, step: TransactionEvent, others_wrote: &OthersWrote) {
        let mut own = self.own.lock();
        own.writes = matches!(step, TransactionEvent::Begins);
        if let TransactionEvent::Committed { appended } = step {
            let found = self.commits();
            let alone = found.is_some() && found == own.last.map(|last| last.wrapping_add(appended.into()));
            if !alone {
                // Before it counts as known, for what it may have changed is not.
                others_wrote();
            }
            own.last = found;
        }
    }

    /// Whether it is certain that nobody else has committed since the writer did last.
    pub fn is_up_to_date(&self) -> bool {
        let last = self.own.lock().last;
        last.is_some() && self.commits() == last
    }

    fn others_commits(&self) -> ForeignCommits {
        // Until this is done, none of our own can begin.
        let own = self.own.lock();
        let found = self.commits();
        match found {
            _ if own.writes => ForeignCommits::Unknown,
            Some(_) if found == own.last => ForeignCommits::Nothing,
            _ => ForeignCommits::Commits(found),
        }
    }

    /// Whether another process has a lock on that byte of the index, if that can be told. Our own do not count.
    fn others_hold(&self, byte: u64) -> Option<bool> {
        let lock = Flock { start: byte, length: 1, ..FlockType::WriteLock.into() };
        Some(fcntl_getlk(self.index.as_ref()?, &lock).ok()?.is_some())
    }

    /// How many commits there are; a matter of microseconds, which is less than having it done elsewhere takes.
    fn commits(&self) -> Option<u32> {
        let mut number = [0; 4];
        (self.index.as_ref()?).read_exact_at(&mut number, COMMITS_AT).ok()?;
        Some(u32::from_ne_bytes(number))
    }
}

/// Rings when the write-ahead log was opened, or may have been written to.
enum WalWatcher {
    #[cfg(target_os = "linux")]
    Kernel { events: Box<inotify::EventStream<[u8; 512]>>, watches_writes: bool },
    /// It has to be looked at again and again.
    Clock(Interval),
}

impl WalWatcher {
    #[cfg(target_os = "linux")]
    fn on(file: &Path) -> Self {
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

    /// Waits for it to ring; whether somebody has opened the file.
    async fn changed(&mut self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Kernel { events, .. } => {
                if let Some(Ok(event)) = events.next().await {
                    // What the kernel could not tell of may have been that.
                    return !event.mask.contains(inotify::EventMask::MODIFY);
                }
                *self = Self::Clock(every(WATCH_EVERY));
            }
            Self::Clock(ticks) => drop(ticks.tick().await),
        }
        false
    }

    /// Whether to ring for what is written.
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

/// A connection that is made anew after an error.
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
            // What it has not done will be done when the file is opened again.
            let _ = connection.close().await;
        }
    }

    /// Runs a statement, if it can be run.
    async fn run(&mut self, sql: &'static str) {
        if let Err(error) = self.try_run(sql).await {
            if let Some(suppressed) = self.fault_log.should_log() {
                tracing::warn!(%error, suppressed, "the store's background work failed; it goes on with a new connection");
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
