//! Engine for Postgres: one write connection, two read pools, and a listener for commits of other nodes.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, mpsc, watch};

use super::handle::{Engine, QUEUED_WRITES, Readers, searches_beside};
use crate::condition::Condition;
use crate::error::Result;
use crate::postgres::{self, Server};
use crate::sql::Conn;
use crate::step::OthersWrote;
use crate::writer::{Job, Reconnect, Transaction, WriteContext, Writer};

/// A database connected for writing that does not serve requests yet.
pub struct OpenDatabase {
    /// The write connection; used for migrations before the database is served.
    pub conn: Conn,
    server: Server,
}

impl OpenDatabase {
    /// Connects for writing.
    pub async fn connect(url: &str) -> Result<Self> {
        let server = Server::at(url)?;
        let conn = Conn::from(server.connect_writer().await?);
        Ok(Self { conn, server })
    }

    /// Starts the writer and the listener, and creates the read pools.
    pub fn serve<C: WriteContext>(
        self,
        read_connections: u32,
        others_wrote: OthersWrote,
        context: impl FnOnce(Transaction<C::Numbers>) -> C,
    ) -> Engine<C> {
        let Self { conn, server } = self;
        let condition = Arc::new(Condition::default());
        let searches = searches_beside(read_connections);
        let readers = postgres::Readers::of(&server, read_connections.max(1), searches, &condition);
        let (queue, queued) = mpsc::channel(QUEUED_WRITES);
        let (stop, stopped) = watch::channel(false);
        let reconnect = Reconnect::To(Box::new(server.clone()));
        let tx = context(Transaction::new(conn));
        let writer = Writer::new(tx, reconnect, Arc::clone(&condition));
        let tasks = vec![
            tokio::spawn(postgres::listen(server, others_wrote, stopped.clone())),
            tokio::spawn(write(writer, queued, stopped)),
        ];
        Engine {
            readers: Readers::Postgres(Box::new(readers)),
            searches: Arc::new(Semaphore::new(searches)),
            condition,
            queue,
            told: None,
            stop,
            tasks: Mutex::new(tasks),
        }
    }
}

async fn write<C: WriteContext>(
    writer: Writer<C>,
    queued: mpsc::Receiver<Box<dyn Job<C>>>,
    stop: watch::Receiver<bool>,
) {
    // No gap between commits: Postgres queues lock waiters in order of arrival.
    let conn = writer.run(queued, |_| {}, Duration::ZERO, stop).await;
    drop(conn.close().await);
}
