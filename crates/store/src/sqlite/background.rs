//! What happens beside reading and writing: other processes' commits are noticed, and the write-ahead log is emptied.

use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// How often to look for other processes' commits.
const WATCH_EVERY: Duration = Duration::from_millis(20);
/// How often to copy committed pages into the file, when there are any.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// Notes a change of the log whenever another connection has committed.
pub(super) async fn watch(
    options: SqliteConnectOptions,
    log_changes: watch::Sender<u64>,
    mut stop: watch::Receiver<bool>,
) {
    let mut own = OwnConnection { options, open: None };
    let mut ticks = every(WATCH_EVERY);
    let mut seen = None;
    while is_next(&mut ticks, &mut stop).await {
        // The number means something only in comparison with one read before on the same connection.
        let version = own.pragma("PRAGMA data_version").await;
        if version.is_none() || version != seen {
            seen = version;
            log_changes.send_modify(|changes| *changes += 1);
        }
    }
}

/// Copies what was committed into the file, so that the writer never has to stop for it.
pub(super) async fn checkpoint(
    options: SqliteConnectOptions,
    mut log_changes: watch::Receiver<u64>,
    mut stop: watch::Receiver<bool>,
) {
    let mut own = OwnConnection { options, open: None };
    let mut ticks = every(CHECKPOINT_EVERY);
    while is_next(&mut ticks, &mut stop).await {
        if log_changes.has_changed().unwrap_or(false) {
            log_changes.mark_unchanged();
            own.pragma("PRAGMA wal_checkpoint(PASSIVE)").await;
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

/// A connection that is made anew after an error.
struct OwnConnection {
    options: SqliteConnectOptions,
    open: Option<SqliteConnection>,
}

impl OwnConnection {
    /// Runs a pragma and gives its first number, if it could be run.
    async fn pragma(&mut self, sql: &'static str) -> Option<i64> {
        let outcome = match &mut self.open {
            Some(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
            None => match self.options.connect().await {
                Ok(connection) => sqlx::query_scalar(sql).fetch_one(self.open.insert(connection)).await,
                Err(error) => Err(error),
            },
        };
        outcome
            .inspect_err(|error| {
                tracing::warn!(%error, "the store's background work failed; it goes on with a new connection");
                self.open = None;
            })
            .ok()
    }
}
