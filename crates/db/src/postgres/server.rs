//! Where the database is, and the connections that write to it.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};

use crate::error::{DbError, Result};

/// How long to wait for a lock, for a free reader or for a new connection before the store counts as busy.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What whoever writes to the store locks: "superbot", as a number that no other program's lock has.
const IN_USE: i64 = 0x7375_7065_7262_6f74;

/// Where the database is, and who this process is to it.
#[derive(Clone)]
pub struct PostgresServer {
    pub(super) options: PgConnectOptions,
    /// The number of the writer's connection, whose own notifications are no news.
    pub(super) writer: Arc<AtomicI32>,
}

impl PostgresServer {
    /// What an address says.
    pub fn at(url: &str) -> Result<Self> {
        // What is wrong with an address may be its password: it is not repeated.
        let options = PgConnectOptions::from_str(url).map_err(|_| DbError::BadPostgresUrl)?;
        let options = options.application_name("superbot").disable_statement_logging().options([
            // A node that stands still must not hold up all others.
            ("idle_in_transaction_session_timeout", "10s"),
            ("lock_timeout", "5s"),
            ("statement_timeout", "60s"),
            // Nor one whose machine is gone.
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ]);
        Ok(Self { options, writer: Arc::default() })
    }

    /// Where the database is, for people.
    pub fn place(&self) -> String {
        let host = self.options.get_host();
        let port = self.options.get_port();
        let database = self.options.get_database().unwrap_or_else(|| self.options.get_username());
        format!("the database {database} at {host}:{port}")
    }

    /// A connection for writing. For as long as it lasts, nobody can have the store alone.
    pub async fn connect_writer(&self) -> Result<PgConnection> {
        let (conn, number) = self.connect("SELECT pg_backend_pid() FROM pg_advisory_lock_shared($1)").await?;
        self.writer.store(number, Ordering::Relaxed);
        Ok(conn)
    }

    /// A connection for whoever replaces the whole store: nobody else writes to it for as long as it lasts.
    pub async fn connect_alone(&self) -> Result<PgConnection> {
        let (conn, _) = self.connect("SELECT pg_backend_pid() FROM pg_advisory_lock($1)").await?;
        Ok(conn)
    }

    async fn connect(&self, lock: &'static str) -> Result<(PgConnection, i32)> {
        let silent = |_| DbError::Unreachable("it does not answer".to_owned());
        let mut conn = tokio::time::timeout(BUSY_TIMEOUT, self.options.connect()).await.map_err(silent)??;
        // The server waits no longer for a lock, and says so.
        let locking = sqlx::query_scalar(lock).bind(IN_USE).fetch_one(&mut conn);
        let number = tokio::time::timeout(BUSY_TIMEOUT * 2, locking).await.map_err(silent)??;
        Ok((conn, number))
    }
}
