//! Serves a Postgres database: a connection that writes, a few that read, and one that listens for other nodes' commits.

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

/// A database that is connected to for writing, and not served yet.
pub struct OpenDatabase {
    /// The connection that will write; until then it brings the schema up to date.
    pub conn: SqlConn,
    server: PostgresServer,
}

impl OpenDatabase {
    /// Connects to the database.
    pub async fn connect(url: &str) -> Result<Self> {
        let server = PostgresServer::at(url)?;
        let conn = SqlConn::from(server.connect_writer().await?);
        Ok(Self { conn, server })
    }

    /// Lets the database be read and written to by all who ask.
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
    // The lock's queue is fair: nobody needs a gap.
    let conn = writer.run(queued, |_| {}, Duration::ZERO, stop).await;
    drop(conn.close().await);
}
