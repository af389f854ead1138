//! Listens for commits of other nodes (`LISTEN`/`NOTIFY`).

use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::watch;

use super::server::PostgresServer;
use super::transaction::CHANNEL;
use crate::transaction_event::OthersWrote;

/// Delay between attempts to connect.
const PAUSE: Duration = Duration::from_millis(250);

/// Calls `others_wrote` whenever another node has appended to the log. It is also called after each reconnection, since
/// notifications sent in between are lost.
pub async fn listen(server: PostgresServer, others_wrote: OthersWrote, mut stop: watch::Receiver<bool>) {
    let pool = PgPoolOptions::new().max_connections(1).connect_lazy_with(server.options.clone());
    let listening = async {
        loop {
            let error = listen_once(&pool, &server, &others_wrote).await;
            tracing::warn!(%error, "the database no longer notifies about other nodes' commits; reconnecting");
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = listening => {}
        _ = stop.wait_for(|stop| *stop) => {}
    }
}

/// Listens until the connection fails.
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
        // Commits made before LISTEN took effect were not notified.
        others_wrote();
        loop {
            match listener.try_recv().await {
                // Our own commits are known already.
                Ok(Some(told)) if told.process_id().cast_signed() == server.writer.load(Ordering::Relaxed) => {}
                // `None` means that the connection was lost; the next call reconnects, so the outer loop reports a
                // change.
                Ok(_) => break,
                Err(error) => return error,
            }
        }
    }
}
