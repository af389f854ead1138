//! Group commit: many requests share one transaction.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::request::{AnswerSender, PendingAnswer, WriteJob};
use super::transaction::{WriteContext, WriteError as _};
use crate::condition::StoreCondition;
use crate::error::{DbError, Result};
use crate::fault_log::FaultLog;
use crate::postgres;
use crate::sequences::SequenceState as _;
use crate::sql::{self, ConnLink, SqlConn, SqlDialect};
use crate::transaction_event::TransactionEvent;

/// Maximum number of requests per commit.
const MAX_GROUP: usize = 256;
/// Time limit of a transaction; beyond it the database counts as unreachable. Generous, because a single statement can
/// send much data.
const PATIENCE: Duration = Duration::from_mins(5);

/// Executes requests in transactions and answers them.
pub struct CommitWriter<C: WriteContext> {
    tx: C,
    /// Sequence numbers at the beginning of the transaction.
    begun: C::Numbers,
    /// How to replace a lost connection.
    reconnect: ReconnectPolicy,
    /// Whether the connection was lost and must be replaced before the next transaction.
    is_lost: bool,
    fault_log: FaultLog,
    condition: Arc<StoreCondition>,
}

/// How a lost connection is replaced.
pub enum ReconnectPolicy {
    /// SQLite: a connection to a file cannot be lost.
    Never,
    To(Box<postgres::PostgresServer>),
}

impl<C: WriteContext> CommitWriter<C> {
    /// Creates a writer that uses the connection of its context.
    pub fn new(tx: C, reconnect: ReconnectPolicy, condition: Arc<StoreCondition>) -> Self {
        let begun = tx.numbers;
        Self { tx, begun, reconnect, is_lost: false, fault_log: FaultLog::default(), condition }
    }

    /// Processes requests until all senders are dropped or the store stops. `on_transaction` is called at each step of a
    /// transaction.
    pub async fn run(
        mut self,
        mut queue: mpsc::Receiver<Box<dyn WriteJob<C>>>,
        on_transaction: impl Fn(TransactionEvent) + Send,
        gap: Duration,
        mut stop: watch::Receiver<bool>,
    ) -> SqlConn {
        let mut group = Vec::new();
        let mut stopping = false;
        let mut free_since = Instant::now();
        loop {
            let taken = tokio::select! {
                taken = queue.recv_many(&mut group, MAX_GROUP) => taken,
                _ = stop.wait_for(|stop| *stop), if !stopping => {
                    // Close the queue to new requests, and finish those already in it.
                    stopping = true;
                    queue.close();
                    continue;
                }
            };
            if taken == 0 {
                break;
            }
            // Leave SQLite's lock free for a moment, then take what queued up in the meantime as well.
            if let Some(rest) = gap.checked_sub(free_since.elapsed()) {
                tokio::time::sleep(rest).await;
                while group.len() < MAX_GROUP
                    && let Ok(job) = queue.try_recv()
                {
                    group.push(job);
                }
            }
            if self.commit_group(group.drain(..).collect(), &on_transaction).await && self.has_appended() {
                // Wakes followers of the log, after the requests have been answered.
                self.tx.published();
            }
            free_since = Instant::now();
        }
        self.tx.into_conn()
    }

    /// Runs the requests in one transaction and answers them once it is durable; returns whether it was committed.
    async fn commit_group(
        &mut self,
        mut group: VecDeque<Box<dyn WriteJob<C>>>,
        on_transaction: &impl Fn(TransactionEvent),
    ) -> bool {
        // The caller timed out or disconnected before its work began: skipping it is safe.
        group.retain(|job| !job.is_abandoned());
        if group.is_empty() {
            return false;
        }
        let mut answers = Vec::with_capacity(group.len());
        on_transaction(TransactionEvent::Begins);
        let run = self.run_group(&mut group, &mut answers);
        let outcome = match tokio::time::timeout(PATIENCE, run).await {
            Ok(outcome) => outcome,
            Err(_) => Err(DbError::Unreachable("it took too long".to_owned()).into()),
        };
        if outcome.is_ok() {
            on_transaction(TransactionEvent::Committed { appended: self.has_appended() });
            self.tx.committed();
        }
        if let Err(error) = &outcome {
            if let Some(error) = error.database() {
                self.condition.note(error);
            }
            if let Some(suppressed) = self.fault_log.should_log() {
                tracing::warn!(%error, requests = answers.len() + group.len(), suppressed, "a transaction failed");
            }
            // Caches may reflect rows that were rolled back.
            self.tx.forget();
            self.abandon(error.database()).await;
            on_transaction(TransactionEvent::Abandoned);
            // Not started yet; those that were are answered below.
            for job in group {
                job.refuse(error.clone());
            }
        }
        for answer in answers {
            answer(outcome.clone());
        }
        outcome.is_ok()
    }

    /// Returns whether the transaction appended to the event log.
    fn has_appended(&self) -> bool {
        self.tx.numbers.has_appended(&self.begun)
    }

    /// Runs the requests in order, and commits.
    async fn run_group(
        &mut self,
        group: &mut VecDeque<Box<dyn WriteJob<C>>>,
        answers: &mut Vec<AnswerSender<C::Error>>,
    ) -> Result<(), C::Error> {
        self.begin().await?;
        // A single request needs no savepoint, which saves two statements.
        let alone = group.len() == 1;
        while let Some(job) = group.pop_front() {
            if alone {
                self.run_alone(job, answers).await?;
            } else {
                self.run_in_savepoint(job, answers).await?;
            }
        }
        Ok(self.commit().await?)
    }

    /// Runs a request that has the transaction for itself.
    async fn run_alone(&mut self, job: Box<dyn WriteJob<C>>, answers: &mut Vec<AnswerSender<C::Error>>) -> Result<()> {
        if self.run_job(job, None, answers).await.is_none() {
            return Ok(());
        }
        // ROLLBACK fails if the database has already rolled back. A new transaction is begun because the caller commits
        // one.
        let _ = self.execute("ROLLBACK").await;
        self.begin().await
    }

    /// Runs one request in a savepoint. An error means that the whole transaction is lost, not only this request.
    async fn run_in_savepoint(
        &mut self,
        job: Box<dyn WriteJob<C>>,
        answers: &mut Vec<AnswerSender<C::Error>>,
    ) -> Result<(), C::Error> {
        self.execute("SAVEPOINT request").await?;
        if let Some(failure) = self.run_job(job, Some("RELEASE request"), answers).await {
            // If the savepoint is gone, the database has rolled back everything: all requests of the group get this
            // error.
            self.execute("ROLLBACK TO request").await.map_err(|_| failure)?;
            self.execute("RELEASE request").await?;
        }
        Ok(())
    }

    /// Runs one request followed by the statement `behind`, and stores its answer. Returns the error if the request
    /// failed and must be rolled back.
    async fn run_job(
        &mut self,
        job: Box<dyn WriteJob<C>>,
        behind: Option<&'static str>,
        answers: &mut Vec<AnswerSender<C::Error>>,
    ) -> Option<C::Error> {
        self.tx.begin_request();
        let numbers = self.tx.numbers;
        let PendingAnswer { mut failure, answer } = job.run(&mut self.tx).await;
        if let (None, Some(behind)) = (&failure, behind) {
            // On Postgres, an error that the request ignored has aborted the transaction, so the statement after it
            // fails.
            failure = self.execute(behind).await.err().map(Into::into);
        }
        // The answer is sent after the commit: an error there takes precedence.
        let done = failure.clone().map_or(Ok(()), Err);
        answers.push(Box::new(|committed| answer(committed.and(done))));
        if failure.is_some() {
            self.tx.numbers = numbers;
            self.tx.rewind();
        }
        failure
    }

    /// Takes the write lock and reads the current sequence numbers.
    async fn begin(&mut self) -> Result<()> {
        self.condition.verify_file()?;
        if self.is_lost {
            self.reconnect().await?;
        }
        let begun = match self.begin_once().await {
            // A restarted database has dropped its connections; one immediate retry hides that from callers.
            Err(DbError::Unreachable(_)) => {
                self.reconnect().await?;
                self.begin_once().await
            }
            other => other,
        };
        (self.begun, self.tx.numbers) = begun.map(|numbers| (numbers, numbers))?;
        Ok(())
    }

    async fn begin_once(&mut self) -> Result<C::Numbers> {
        match self.tx.conn.link() {
            ConnLink::Sqlite(_) => {
                self.execute("BEGIN IMMEDIATE").await?;
                sql::query_as(C::Numbers::SELECT).fetch_one(&mut self.tx.conn).await
            }
            ConnLink::Postgres(conn) => postgres::begin(conn).await,
        }
    }

    async fn commit(&mut self) -> Result<()> {
        match self.tx.conn.dialect() {
            SqlDialect::Sqlite => self.execute("COMMIT").await?,
            SqlDialect::Postgres => {
                let numbers = self.tx.numbers;
                postgres::commit(&mut self.tx.conn, &self.begun, &numbers).await?;
            }
        }
        // A commit to a deleted file must not be acknowledged.
        self.condition.verify_file()?;
        self.condition.note_write();
        Ok(())
    }

    /// Ends the open transaction, if any.
    async fn abandon(&mut self, error: Option<&DbError>) {
        // The state of a failed connection is unknown, and a ROLLBACK on it might not return.
        self.is_lost = matches!((error, &self.reconnect), (Some(DbError::Unreachable(_)), ReconnectPolicy::To(_)));
        if !self.is_lost {
            // ROLLBACK fails if the database has already rolled back.
            let _ = self.execute("ROLLBACK").await;
        }
    }

    async fn execute(&mut self, sql: &'static str) -> Result<()> {
        sql::query(sql).execute(&mut self.tx.conn).await.map(drop)
    }

    async fn reconnect(&mut self) -> Result<()> {
        if let ReconnectPolicy::To(server) = &self.reconnect {
            self.tx.conn = server.connect_writer().await?.into();
        }
        self.is_lost = false;
        Ok(())
    }
}
