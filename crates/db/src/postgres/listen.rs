//! Hears of other nodes' commits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::watch;

use super::server::PostgresServer;
use super::transaction::CHANNEL;
use crate::transaction_event::OthersWrote;

/// How long to wait before another try to connect.
const PAUSE: Duration = Duration::from_millis(250);

/// Notes a change of the log whenever another node has appended to it. What was missed while there was no connection is
/// looked for when there is one again.
pub async fn listen(server: PostgresServer, others_wrote: OthersWrote, mut stop: watch::Receiver<bool>) {
    let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(server.options.clone());
    let listening = async {
        loop {
            let error = listen_once(&pool, &server, &others_wrote).await;
            tracing::warn!(%error, "the database does not tell of other nodes' commits; connecting again");
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = listening => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// Listens for as long as the connection lasts.
async fn listen_once(pool: &PgPool, server: &PostgresServer, others_wrote: &OthersWrote) -> sqlx::Error {
    let connected = async {
        let mut listener = PgListener::connect_with(pool).await?;
        listener.listen(CHANNEL).await?;
        Ok(listener)
    };
    let mut listener = match connected.await {
        Ok(listener) => listener,
        Err(error) => return error,
    };
    loop {
        others_wrote();
        loop {
            match listener.try_recv().await {
                Ok(Some(told)) if told.process_id().cast_signed() == server.writer.load(Ordering::Relaxed) => {}
                // With nothing to tell, the connection was lost; the next call makes another one.
                Ok(_) => break,
                Err(error) => return error,
            }
        }
    }
}
