//! The one writer, which commits many requests at once.
//!
//! A commit waits for the disk, and that takes far longer than the work. So whatever queued while the last commit was under
//! way goes into one transaction; each request in its own savepoint, so that one that fails takes none of its neighbours along.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sqlx::{Connection, SqliteConnection};
use superbot_domain::{Clock, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};

use super::background::Told;
use crate::standing::Live;
use crate::{Result, StoreError, StoreOptions};

/// A future on the heap, as requests of different types need it.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// At most so many requests share a commit.
const MAX_GROUP: usize = 256;
/// How long the lock is left alone after a commit; SQLite's lock is not fair, and other processes look for it by polling.
const GAP: Duration = Duration::from_millis(1);

/// The open transaction.
pub(crate) struct Tx {
    /// Where its statements run.
    pub(crate) conn: SqliteConnection,
    /// When the request began.
    pub(crate) now: Timestamp,
    /// Where the event log ends, if anything was appended to it.
    pub(crate) log_head: Option<i64>,
    /// The standing queries, as this transaction sees them.
    pub(crate) live: Live,
    /// Whether listings are matched when they come in; if not, the workers find out later.
    pub(crate) match_on_arrival: bool,
    clock: Arc<dyn Clock>,
}

/// A request, whatever its answer.
pub(super) trait Job: Send {
    /// Does the work inside the open transaction.
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Done>;
    /// Answers that the work was not done.
    fn refuse(self: Box<Self>, error: StoreError);
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

/// Work that was done but not yet committed.
pub(super) struct Done {
    failed: bool,
    answer: Answer,
}

/// Tells the caller, once it is known whether the commit succeeded.
type Answer = Box<dyn FnOnce(Result<()>) + Send>;

pub(super) struct Request<T, F> {
    work: F,
    answer: oneshot::Sender<Result<T>>,
}

/// Serves requests until nobody can make any, or the store stops.
pub(super) async fn run(
    mut tx: Tx,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    log_changes: watch::Sender<u64>,
    told: Arc<Told>,
    mut stop: watch::Receiver<bool>,
) {
    let mut group = Vec::new();
    let mut stopping = false;
    loop {
        let taken = tokio::select! {
            taken = queue.recv_many(&mut group, MAX_GROUP) => taken,
            _ = stop.wait_for(|stop| *stop), if !stopping => {
                // What is queued is still served; nothing more is let in.
                stopping = true;
                queue.close();
                continue;
            }
        };
        if taken == 0 {
            break;
        }
        tx.commit_group(&mut group).await;
        let head = tx.log_head.take();
        told.committed(head);
        if head.is_some() {
            log_changes.send_modify(|changes| *changes += 1);
        }
        tokio::time::sleep(GAP).await;
    }
    let Tx { mut conn, .. } = tx;
    let emptied = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut conn).await;
    if let Err(error) = emptied.and(conn.close().await) {
        tracing::warn!(%error, "the store was not closed cleanly; the next start will mend it");
    }
}

impl Tx {
    pub(super) fn new(conn: SqliteConnection, options: &StoreOptions) -> Self {
        let StoreOptions { clock, match_on_arrival, .. } = options.clone();
        Self { conn, now: clock.now(), log_head: None, live: Live::default(), match_on_arrival, clock }
    }

    /// Runs the requests in one transaction and answers each when it is on disk.
    async fn commit_group(&mut self, group: &mut Vec<Box<dyn Job>>) {
        group.retain(|job| !job.is_abandoned());
        if group.is_empty() {
            return;
        }
        let mut answers = Vec::with_capacity(group.len());
        let mut outcome = self.execute("BEGIN IMMEDIATE").await;
        let begun = outcome.is_ok();
        let alone = group.len() == 1;
        for job in group.drain(..) {
            match &outcome {
                Ok(()) if alone => outcome = self.run_alone(job, &mut answers).await,
                Ok(()) => outcome = self.run_in_savepoint(job, &mut answers).await,
                Err(error) => job.refuse(error.clone()),
            }
        }
        if outcome.is_ok() {
            outcome = self.execute("COMMIT").await;
        }
        if let Err(error) = &outcome {
            self.log_head = None;
            tracing::warn!(%error, requests = answers.len(), "a transaction failed");
            if begun {
                self.live.forget();
            }
            // It fails where SQLite has given the transaction up by itself; either way none is open afterwards.
            let _ = self.execute("ROLLBACK").await;
        }
        for answer in answers {
            answer(outcome.clone());
        }
    }

    /// Runs the only request: the transaction is all its own.
    async fn run_alone(&mut self, job: Box<dyn Job>, answers: &mut Vec<Answer>) -> Result<()> {
        if !self.run_job(job, answers).await {
            return Ok(());
        }
        // It fails where SQLite has given the transaction up by itself. What follows finds one to commit.
        let _ = self.execute("ROLLBACK").await;
        self.execute("BEGIN IMMEDIATE").await
    }

    /// Runs one request; an error means that the whole transaction is lost, not merely this request.
    async fn run_in_savepoint(&mut self, job: Box<dyn Job>, answers: &mut Vec<Answer>) -> Result<()> {
        self.execute("SAVEPOINT request").await?;
        if self.run_job(job, answers).await {
            self.execute("ROLLBACK TO request").await?;
        }
        self.execute("RELEASE request").await
    }

    /// Runs one request and keeps its answer; whether it failed, so that what it wrote is to be undone.
    async fn run_job(&mut self, job: Box<dyn Job>, answers: &mut Vec<Answer>) -> bool {
        self.now = self.clock.now();
        let log_head = self.log_head;
        let Done { failed, answer } = job.run(self).await;
        answers.push(answer);
        if failed {
            self.log_head = log_head;
        }
        failed
    }

    async fn execute(&mut self, sql: &'static str) -> Result<()> {
        sqlx::query(sql).execute(&mut self.conn).await?;
        Ok(())
    }
}

impl<T, F> Request<T, F> {
    pub(super) fn new(work: F) -> (Self, oneshot::Receiver<Result<T>>) {
        let (answer, answered) = oneshot::channel();
        (Self { work, answer }, answered)
    }
}

impl<T, F> Job for Request<T, F>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Result<T>> + Send + 'static,
{
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Done> {
        let Self { work, answer } = *self;
        Box::pin(async move {
            let result = work(tx).await;
            let failed = result.is_err();
            // A caller who has gone away misses the answer, not the work.
            let answer = move |committed: Result<()>| drop(answer.send(committed.and(result)));
            Done { failed, answer: Box::new(answer) }
        })
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        drop(self.answer.send(Err(error)));
    }

    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }
}

#[cfg(test)]
mod tests;
