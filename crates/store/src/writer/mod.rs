//! The one writer, which commits many requests at once.
//!
//! A commit waits for the disk, and that takes far longer than the work. So whatever queued while the last commit was under
//! way goes into one transaction; each request in its own savepoint, so that one that fails takes none of its neighbours along.
//!
//! From its beginning to its commit a transaction holds the store's one lock for writing. So whoever writes knows the numbers
//! that come next, and gives them out in the order of the commits: a reader who has seen an event will never find an earlier
//! one that was not there before.

mod numbers;

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{Clock, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use self::numbers::{Numbers, SELECT as SELECT_NUMBERS};
use crate::complaints::Complaints;
use crate::sql::{self, Conn, Link, Script};
use crate::standing::Live;
use crate::{Result, StoreError, StoreOptions, postgres, sqlite};

/// A future on the heap, as requests of different types need it.
pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// At most so many requests share a commit.
const MAX_GROUP: usize = 256;
/// A transaction that takes longer has lost its database: what it holds up is answered so. What is sent at once may be large.
const PATIENCE: Duration = Duration::from_mins(5);

/// The open transaction.
pub(crate) struct Tx {
    /// Where its statements run.
    pub(crate) conn: Conn,
    /// When the request began.
    pub(crate) now: Timestamp,
    /// The last numbers that were given out.
    pub(crate) numbers: Numbers,
    /// The standing queries, as this transaction sees them.
    pub(crate) live: Live,
    /// Whether listings are matched when they come in; if not, the workers find out later.
    pub(crate) match_on_arrival: bool,
    /// The numbers as they were when it began.
    begun: Numbers,
    /// Makes the connection anew.
    reconnect: Reconnect,
    /// Whether that has to be done before anything else.
    is_lost: bool,
    complaints: Complaints,
    clock: Arc<dyn Clock>,
}

/// How a connection is made anew that was lost.
pub(crate) enum Reconnect {
    /// A file is not lost.
    Never,
    To(Box<postgres::Server>),
}

/// A request, whatever its answer.
pub(crate) trait Job: Send {
    /// Does the work inside the open transaction.
    fn run(self: Box<Self>, tx: &mut Tx) -> BoxFuture<'_, Done>;
    /// Answers that the work was not done.
    fn refuse(self: Box<Self>, error: StoreError);
    /// Whether nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
}

/// Work that was done but not yet committed.
pub(crate) struct Done {
    failure: Option<StoreError>,
    answer: Answer,
}

/// Tells the caller, once it is known whether the commit succeeded.
type Answer = Box<dyn FnOnce(Result<()>) + Send>;

pub(crate) struct Request<T, F> {
    work: F,
    answer: oneshot::Sender<Result<T>>,
}

/// Serves requests until nobody can make any, or the store stops; `committed` is told where the log ends, if it grew.
pub(crate) async fn run(
    mut tx: Tx,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    committed: impl Fn(Option<i64>) + Send,
    gap: Duration,
    mut stop: watch::Receiver<bool>,
) -> Conn {
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
        committed(tx.commit_group(group.drain(..).collect()).await);
        if !gap.is_zero() {
            tokio::time::sleep(gap).await;
        }
    }
    tx.conn
}

impl Tx {
    pub(crate) fn new(conn: Conn, reconnect: Reconnect, options: &StoreOptions) -> Self {
        let StoreOptions { clock, match_on_arrival, .. } = options.clone();
        let (now, numbers, live) = (clock.now(), Numbers::default(), Live::default());
        let (begun, is_lost, complaints) = (numbers, false, Complaints::default());
        Self { conn, now, numbers, live, match_on_arrival, begun, reconnect, is_lost, complaints, clock }
    }

    /// Statements to be run in one go.
    pub(crate) fn script(&self) -> Script {
        Script::of(self.conn.dialect())
    }

    /// Runs the requests in one transaction and answers each when it is on disk; where the log ends, if it grew.
    async fn commit_group(&mut self, mut group: VecDeque<Box<dyn Job>>) -> Option<i64> {
        group.retain(|job| !job.is_abandoned());
        if group.is_empty() {
            return None;
        }
        let mut answers = Vec::with_capacity(group.len());
        let run = self.run_group(&mut group, &mut answers);
        let outcome = match tokio::time::timeout(PATIENCE, run).await {
            Ok(outcome) => outcome,
            Err(_) => Err(StoreError::Unreachable("it took too long".to_owned())),
        };
        if let Err(error) = &outcome {
            if let Some(unsaid) = self.complaints.may_say() {
                tracing::warn!(%error, requests = answers.len() + group.len(), unsaid, "a transaction failed");
            }
            self.live.forget();
            self.abandon(error).await;
            for job in group {
                job.refuse(error.clone());
            }
        }
        let head = Some(self.numbers.event).filter(|event| outcome.is_ok() && *event > self.begun.event);
        for answer in answers {
            answer(outcome.clone());
        }
        head
    }

    /// Takes the requests one by one, and commits.
    async fn run_group(&mut self, group: &mut VecDeque<Box<dyn Job>>, answers: &mut Vec<Answer>) -> Result<()> {
        self.begin().await?;
        let alone = group.len() == 1;
        while let Some(job) = group.pop_front() {
            if alone {
                self.run_alone(job, answers).await?;
            } else {
                self.run_in_savepoint(job, answers).await?;
            }
        }
        self.commit().await
    }

    /// Runs the only request: the transaction is all its own.
    async fn run_alone(&mut self, job: Box<dyn Job>, answers: &mut Vec<Answer>) -> Result<()> {
        if self.run_job(job, answers).await.is_none() {
            return Ok(());
        }
        // It fails where the database has given the transaction up by itself. What follows finds one to commit.
        let _ = self.execute("ROLLBACK").await;
        self.begin().await
    }

    /// Runs one request; an error means that the whole transaction is lost, not merely this request.
    async fn run_in_savepoint(&mut self, job: Box<dyn Job>, answers: &mut Vec<Answer>) -> Result<()> {
        self.execute("SAVEPOINT request").await?;
        if let Some(failure) = self.run_job(job, answers).await {
            // Where there is nothing to go back to, the failure has cost the whole transaction: it is what all are to hear.
            self.execute("ROLLBACK TO request").await.map_err(|_| failure)?;
        }
        self.execute("RELEASE request").await
    }

    /// Runs one request and keeps its answer; why it failed, if it did, so that what it wrote is to be undone.
    async fn run_job(&mut self, job: Box<dyn Job>, answers: &mut Vec<Answer>) -> Option<StoreError> {
        self.now = self.clock.now();
        let numbers = self.numbers;
        let Done { failure, answer } = job.run(self).await;
        answers.push(answer);
        if failure.is_some() {
            self.numbers = numbers;
            self.live.rewind(numbers.log_bounds().head);
        }
        failure
    }

    /// Takes the lock for writing, and learns the last numbers that were given out.
    async fn begin(&mut self) -> Result<()> {
        if self.is_lost {
            self.reconnect().await?;
        }
        let begun = match self.begin_once().await {
            // A database that was started anew has forgotten its connections.
            Err(StoreError::Unreachable(_)) => {
                self.reconnect().await?;
                self.begin_once().await
            }
            other => other,
        };
        (self.begun, self.numbers) = begun.map(|numbers| (numbers, numbers))?;
        Ok(())
    }

    async fn begin_once(&mut self) -> Result<Numbers> {
        match self.conn.link() {
            Link::Sqlite(conn) => sqlite::begin(conn).await,
            Link::Postgres(conn) => postgres::begin(conn).await,
        }
    }

    async fn commit(&mut self) -> Result<()> {
        match self.conn.link() {
            Link::Sqlite(_) => self.execute("COMMIT").await,
            Link::Postgres(conn) => postgres::commit(conn, &self.begun, &self.numbers).await,
        }
    }

    /// Leaves no transaction open.
    async fn abandon(&mut self, error: &StoreError) {
        // Nobody knows what is under way on a connection that has failed, nor whether it would answer.
        self.is_lost = matches!((error, &self.reconnect), (StoreError::Unreachable(_), Reconnect::To(_)));
        if !self.is_lost {
            // It fails where the database has given the transaction up by itself.
            let _ = self.execute("ROLLBACK").await;
        }
    }

    async fn reconnect(&mut self) -> Result<()> {
        if let Reconnect::To(server) = &self.reconnect {
            self.conn = Conn::Postgres(server.connect_writer().await?);
        }
        self.is_lost = false;
        Ok(())
    }

    async fn execute(&mut self, sql: &'static str) -> Result<()> {
        sql::query(sql).execute(&mut self.conn).await.map(drop)
    }
}

impl<T, F> Request<T, F> {
    pub(crate) fn new(work: F) -> (Self, oneshot::Receiver<Result<T>>) {
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
            let failure = result.as_ref().err().cloned();
            // A caller who has gone away misses the answer, not the work.
            let answer = move |committed: Result<()>| drop(answer.send(committed.and(result)));
            Done { failure, answer: Box::new(answer) }
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
