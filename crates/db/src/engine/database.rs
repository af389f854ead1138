//! Engine for Postgres: one write connection, two read pools, and a listener for commits of other nodes.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc, watch};

use super::handle::{DatabaseEngine, QUEUED_WRITES, ReaderPool, searches_beside};
use crate::condition::StoreCondition;
use crate::error::Result;
use crate::postgres::{self, PostgresServer};
use crate::sql::SqlConn;
use crate::transaction_event::OthersWrote;
use crate::writer::{CommitWriter, ReconnectPolicy, WriteContext, WriteJob, WriteTransaction};

/// A database connected for writing that does not serve requests yet.
pub struct OpenDatabase {
    /// The write connection; used for migrations before the database is served.
    pub conn: SqlConn,
    server: PostgresServer,
}

impl OpenDatabase {
    /// Connects for writing.
    pub async fn connect(url: &str) -> Result<Self> {
        let server = PostgresServer::at(url)?;
        let conn = SqlConn::from(server.connect_writer().await?);
        Ok(Self { conn, server })
    }

    /// Starts the writer and the listener, and creates the read pools.
    pub fn serve<C: WriteContext>(
        self,
        read_connections: u32,
        others_wrote: OthersWrote,
        context: impl FnOnce(WriteTransaction<C::Numbers>) -> C,
    ) -> DatabaseEngine<C> {
        let Self { conn, server } = self;
        let condition = Arc::new(StoreCondition::default());
        let searches = searches_beside(read_connections);
        let readers = postgres::PostgresReaders::of(&server, read_connections.max(1), searches, &condition);
        let (queue, queued) = mpsc::channel(QUEUED_WRITES);
        let (stop, stopped) = watch::channel(false);
        let reconnect = ReconnectPolicy::To(Box::new(server.clone()));
        let tx = context(WriteTransaction::new(conn));
        let writer = CommitWriter::new(tx, reconnect, Arc::clone(&condition));
        let tasks = vec![
            tokio::spawn(postgres::listen(server, others_wrote, stopped.clone())),
            tokio::spawn(write(writer, queued, stopped)),
        ];
        DatabaseEngine {
            readers: ReaderPool::Postgres(Box::new(readers)),
            searches: Arc::new(Semaphore::new(searches)),
            condition,
            queue,
            commit_tracker: None,
            stop,
            tasks: Mutex::new(tasks),
        }
    }
}

async fn write<C: WriteContext>(
    writer: CommitWriter<C>,
    queued: mpsc::Receiver<Box<dyn WriteJob<C>>>,
    stop: watch::Receiver<bool>,
) {
    // No gap between commits: Postgres queues lock waiters in order of arrival.
    let conn = writer.run(queued, |_| {}, Duration::ZERO, stop).await;
    drop(conn.close().await);
}
