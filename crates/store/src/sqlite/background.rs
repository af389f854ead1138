//! What happens beside reading and writing: other processes' commits are noticed, and the write-ahead log is emptied.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

#[cfg(target_os = "linux")]
use futures_util::StreamExt as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};

use crate::complaints::Complaints;

/// How often to look for other processes' commits, where the kernel does not tell of them.
const WATCH_EVERY: Duration = Duration::from_millis(20);
/// From its first write on, a commit takes so long, where the disk is fast.
const LOOK_AFTER: Duration = Duration::from_millis(2);
/// Nothing hides in what has not changed for so long: a file system's clock moves in smaller steps.
const QUIET_AFTER: Duration = Duration::from_millis(50);
/// How often to copy committed pages into the file, when there are any.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// Where the log ends.
const HEAD: &str = "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)";

/// Notes a change of the log whenever another process has appended to it.
///
/// Every commit leaves a trace in the write-ahead log, of which the kernel tells. What our own writer left is not looked at
/// any further, but for once when all is quiet: another commit right behind it may hide in it.
pub(super) async fn watch(
    options: SqliteConnectOptions,
    log_changes: watch::Sender<u64>,
    told: Arc<Told>,
    mut stop: watch::Receiver<bool>,
) {
    let mut bell = Bell::on(&told.wal);
    let mut own = OwnConnection::new(options);
    let (mut trace, mut head) = (None, 0);
    // How long after a look the next one is due, if there is to be one.
    let mut pause = Some(Duration::ZERO);
    loop {
        let rang = tokio::select! {
            () = bell.rings() => true,
            () = sleep(pause.unwrap_or_default()), if pause.is_some() => false,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        if rang {
            sleep(LOOK_AFTER).await;
            let found = told.trace();
            if found.is_some() && found == trace {
                continue;
            }
            trace = found;
            if found.is_some() && found == told.last() {
                pause = Some(QUIET_AFTER);
                continue;
            }
            pause = Some(LOOK_AFTER);
        }
        // Writing comes before the commit, and takes the disk its time.
        pause = pause.filter(|pause| *pause < QUIET_AFTER).map(|pause| (pause * 3).max(LOOK_AFTER));
        // Where it cannot be asked, whoever follows the log is to look.
        let found = own.number(HEAD).await;
        if found.is_none_or(|found| found > told.head().max(head)) {
            log_changes.send_modify(|changes| *changes += 1);
        }
        head = found.unwrap_or(head);
    }
}

/// Copies what was committed into the file, so that the writer never has to stop for it.
pub(super) async fn checkpoint(options: SqliteConnectOptions, told: Arc<Told>, mut stop: watch::Receiver<bool>) {
    let mut own = OwnConnection::new(options);
    let mut ticks = every(CHECKPOINT_EVERY);
    let mut copied = None;
    while is_next(&mut ticks, &mut stop).await {
        // Not only what is told is committed.
        let trace = told.trace();
        if trace != copied {
            copied = trace;
            own.number("PRAGMA wal_checkpoint(PASSIVE)").await;
        }
    }
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

/// What our own writer has told of, and what its last commit looked like from outside.
pub(super) struct Told {
    wal: PathBuf,
    head: AtomicI64,
    trace: Mutex<Option<Trace>>,
}

/// The write-ahead log as the file system shows it: its length, and when it was written to.
type Trace = (u64, SystemTime);

impl Told {
    pub(super) fn of(database: &Path) -> Self {
        let mut wal = database.as_os_str().to_owned();
        wal.push("-wal");
        Self { wal: wal.into(), head: AtomicI64::new(0), trace: Mutex::default() }
    }

    /// The writer has committed, and appended to the log up to `head` if it did.
    pub(super) fn committed(&self, head: Option<i64>) {
        if let Some(head) = head {
            self.head.store(head, Relaxed);
        }
        *self.trace.lock().unwrap_or_else(PoisonError::into_inner) = self.trace();
    }

    fn head(&self) -> i64 {
        self.head.load(Relaxed)
    }

    /// What the log looked like after the writer's last commit.
    fn last(&self) -> Option<Trace> {
        *self.trace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it looks like now; a matter of microseconds, which is less than having it done elsewhere takes.
    fn trace(&self) -> Option<Trace> {
        std::fs::metadata(&self.wal).and_then(|file| Ok((file.len(), file.modified()?))).ok()
    }
}

/// Rings when the write-ahead log may have been written to.
enum Bell {
    #[cfg(target_os = "linux")]
    Kernel(Box<inotify::EventStream<[u8; 512]>>),
    /// It has to be looked at again and again.
    Clock(Interval),
}

impl Bell {
    #[cfg(target_os = "linux")]
    fn on(file: &Path) -> Self {
        let watched = inotify::Inotify::init().and_then(|inotify| {
            inotify.watches().add(file, inotify::WatchMask::MODIFY)?;
            inotify.into_event_stream([0; 512])
        });
        watched.map_or_else(|_| Self::Clock(every(WATCH_EVERY)), |events| Self::Kernel(Box::new(events)))
    }

    #[cfg(not(target_os = "linux"))]
    fn on(_: &Path) -> Self {
        Self::Clock(every(WATCH_EVERY))
    }

    async fn rings(&mut self) {
        match self {
            #[cfg(target_os = "linux")]
            Self::Kernel(events) => {
                if !matches!(events.next().await, Some(Ok(_))) {
                    *self = Self::Clock(every(WATCH_EVERY));
                }
            }
            Self::Clock(ticks) => drop(ticks.tick().await),
        }
    }
}

/// A connection that is made anew after an error.
struct OwnConnection {
    options: SqliteConnectOptions,
    open: Option<SqliteConnection>,
    complaints: Complaints,
}

impl OwnConnection {
    fn new(options: SqliteConnectOptions) -> Self {
        Self { options, open: None, complaints: Complaints::default() }
    }

    /// Runs a statement and gives its first number, if it could be run.
    async fn number(&mut self, sql: &'static str) -> Option<i64> {
        let outcome = match &mut self.open {
            Some(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
            None => match self.options.connect().await {
                Ok(connection) => sqlx::query_scalar(sql).fetch_one(self.open.insert(connection)).await,
                Err(error) => Err(error),
            },
        };
        outcome
            .inspect_err(|error| {
                if let Some(unsaid) = self.complaints.may_say() {
                    tracing::warn!(%error, unsaid, "the store's background work failed; it goes on with a new connection");
                }
                self.open = None;
            })
            .ok()
    }
}
