//! Commits many requests at once.

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

/// At most so many requests share a commit.
const MAX_GROUP: usize = 256;
/// A transaction on Postgres that takes longer has lost its database: what it holds up is answered so. What is sent at once may
/// be large.
const PATIENCE: Duration = Duration::from_mins(5);

/// Runs requests in transactions, and answers them.
pub struct CommitWriter<C: WriteContext> {
    tx: C,
    /// The numbers as they were when the transaction began.
    begun: C::Numbers,
    /// Makes the connection anew.
    reconnect: ReconnectPolicy,
    /// Whether that has to be done before anything else.
    is_lost: bool,
    fault_log: FaultLog,
    condition: Arc<StoreCondition>,
}

/// How a connection is made anew that was lost.
pub enum ReconnectPolicy {
    /// A file is not lost.
    Never,
    To(Box<postgres::PostgresServer>),
}

impl<C: WriteContext> CommitWriter<C> {
    /// A writer on the connection of its context.
    pub fn new(tx: C, reconnect: ReconnectPolicy, condition: Arc<StoreCondition>) -> Self {
        let begun = tx.numbers;
        Self { tx, begun, reconnect, is_lost: false, fault_log: FaultLog::default(), condition }
    }

    /// Serves requests until nobody can make any, or the store stops; `on_transaction` is told what becomes of each transaction.
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
                    // What is queued is still served; nothing more is let in.
                    stopping = true;
                    queue.close();
                    continue;
                }
            };
            if taken == 0 {
                break;
            }
            if let Some(rest) = gap.checked_sub(free_since.elapsed()) {
                tokio::time::sleep(rest).await;
                while group.len() < MAX_GROUP
                    && let Ok(job) = queue.try_recv()
                {
                    group.push(job);
                }
            }
            if self.commit_group(group.drain(..).collect(), &on_transaction).await && self.has_appended() {
                self.tx.published();
            }
            free_since = Instant::now();
        }
        self.tx.into_conn()
    }

    /// Runs the requests in one transaction and answers each when it is on disk; whether it came to that.
    async fn commit_group(
        &mut self,
        mut group: VecDeque<Box<dyn WriteJob<C>>>,
        on_transaction: &impl Fn(TransactionEvent),
    ) -> bool {
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
            self.tx.forget();
            self.abandon(error.database()).await;
            on_transaction(TransactionEvent::Abandoned);
            for job in group {
                job.refuse(error.clone());
            }
        }
        for answer in answers {
            answer(outcome.clone());
        }
        outcome.is_ok()
    }

    /// Whether the log has grown in the transaction.
    fn has_appended(&self) -> bool {
        self.tx.numbers.has_appended(&self.begun)
    }

    /// Takes the requests one by one, and commits.
    async fn run_group(
        &mut self,
        group: &mut VecDeque<Box<dyn WriteJob<C>>>,
        answers: &mut Vec<AnswerSender<C::Error>>,
    ) -> Result<(), C::Error> {
        self.begin().await?;
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

    /// Runs the only request: the transaction is all its own.
    async fn run_alone(&mut self, job: Box<dyn WriteJob<C>>, answers: &mut Vec<AnswerSender<C::Error>>) -> Result<()> {
        if self.run_job(job, None, answers).await.is_none() {
            return Ok(());
        }
        // It fails where the database has given the transaction up by itself. What follows finds one to commit.
        let _ = self.execute("ROLLBACK").await;
        self.begin().await
    }

    /// Runs one request; an error means that the whole transaction is lost, not merely this request.
    async fn run_in_savepoint(
        &mut self,
        job: Box<dyn WriteJob<C>>,
        answers: &mut Vec<AnswerSender<C::Error>>,
    ) -> Result<(), C::Error> {
        self.execute("SAVEPOINT request").await?;
        if let Some(failure) = self.run_job(job, Some("RELEASE request"), answers).await {
            // Where there is nothing to go back to, the failure has cost the whole transaction: it is what all are to hear.
            self.execute("ROLLBACK TO request").await.map_err(|_| failure)?;
            self.execute("RELEASE request").await?;
        }
        Ok(())
    }

    /// Runs one request, and what is to be run behind it, and keeps its answer; why it failed, if it did, so that what it
    /// wrote is to be undone.
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
            // An error that the request took no notice of is its own as well.
            failure = self.execute(behind).await.err().map(Into::into);
        }
        let done = failure.clone().map_or(Ok(()), Err);
        answers.push(Box::new(|committed| answer(committed.and(done))));
        if failure.is_some() {
            self.tx.numbers = numbers;
            self.tx.rewind();
        }
        failure
    }

    /// Takes the lock for writing, and learns the last numbers that were given out.
    async fn begin(&mut self) -> Result<()> {
        self.condition.verify_file()?;
        if self.is_lost {
            self.reconnect().await?;
        }
        let begun = match self.begin_once().await {
            // A database that was started anew has forgotten its connections.
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
        // What went into a file that has been deleted is not acknowledged.
        self.condition.verify_file()?;
        self.condition.note_write();
        Ok(())
    }

    /// Leaves no transaction open.
    async fn abandon(&mut self, error: Option<&DbError>) {
        // Nobody knows what is under way on a connection that has failed, nor whether it would answer.
        self.is_lost = matches!((error, &self.reconnect), (Some(DbError::Unreachable(_)), ReconnectPolicy::To(_)));
        if !self.is_lost {
            // It fails where the database has given the transaction up by itself.
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
