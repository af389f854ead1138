//! Connection settings and write connections of a Postgres database.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};

use crate::error::{DbError, Result};

/// Maximum wait for a lock, a pooled connection or a new connection before [`DbError::Busy`].
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Advisory lock of all writing nodes: "superbot" in ASCII, which other programs are unlikely to use.
const IN_USE: i64 = 0x7375_7065_7262_6f74;

/// A Postgres database, and this process's identity in it.
#[derive(Clone)]
pub struct PostgresServer {
    pub(super) options: PgConnectOptions,
    /// Backend process id of the writer, whose own notifications are ignored.
    pub(super) writer: Arc<AtomicI32>,
}

impl PostgresServer {
    /// Parses a connection URL.
    pub fn at(url: &str) -> Result<Self> {
        // The faulty part of the URL may be its password, so the error does not repeat it.
        let options = PgConnectOptions::from_str(url).map_err(|_| DbError::BadPostgresUrl)?;
        let options = options.application_name("superbot").disable_statement_logging().options([
            // A node that hangs inside a transaction must not block the other nodes' writes.
            ("idle_in_transaction_session_timeout", "10s"),
            ("lock_timeout", "5s"),
            ("statement_timeout", "60s"),
            // A vanished machine is detected within 10 + 3 * 5 s.
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ]);
        Ok(Self { options, writer: Arc::default() })
    }

    /// Returns the database's name and address for messages, without credentials.
    pub fn place(&self) -> String {
        let host = self.options.get_host();
        let port = self.options.get_port();
        let database = self.options.get_database().unwrap_or_else(|| self.options.get_username());
        format!("the database {database} at {host}:{port}")
    }

    /// Opens a write connection. While it is open, [`PostgresServer::connect_alone`] waits for it.
    pub async fn connect_writer(&self) -> Result<PgConnection> {
        let (conn, number) = self.connect("SELECT pg_backend_pid() FROM pg_advisory_lock_shared($1)").await?;
        self.writer.store(number, Ordering::Relaxed);
        Ok(conn)
    }

    /// Opens a connection with exclusive write access, for replacing the whole store.
    pub async fn connect_alone(&self) -> Result<PgConnection> {
        let (conn, _) = self.connect("SELECT pg_backend_pid() FROM pg_advisory_lock($1)").await?;
        Ok(conn)
    }

    async fn connect(&self, lock: &'static str) -> Result<(PgConnection, i32)> {
        let silent = |_| DbError::Unreachable("it does not answer".to_owned());
        let mut conn = tokio::time::timeout(BUSY_TIMEOUT, self.options.connect()).await.map_err(silent)??;
        // The server's own lock_timeout (5 s) is shorter than this, and reports the cause.
        let locking = sqlx::query_scalar(lock).bind(IN_USE).fetch_one(&mut conn);
        let number = tokio::time::timeout(BUSY_TIMEOUT * 2, locking).await.map_err(silent)??;
        Ok((conn, number))
    }
}
