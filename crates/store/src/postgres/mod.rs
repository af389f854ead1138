//! The Postgres back end: a connection that writes, a few that read, and one that listens for other nodes' commits.

mod listen;
mod readers;

use std::fmt::Write as _;
use std::str::FromStr as _;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, PgConnection};
use tokio::sync::{Semaphore, mpsc, watch};

pub(crate) use self::readers::Readers;
use crate::condition::Condition;
use crate::engine::{self, Engine, QUEUED_WRITES, searches_beside};
use crate::error::{Result, StoreError};
use crate::newest::Changes;
use crate::numbers::{Numbers, SELECT_NUMBERS};
use crate::options::StoreOptions;
use crate::sql::{self, Conn, Link, Record as _};
use crate::writer::{self, Reconnect, Tx};
use crate::{meta, migrations};

/// How long to wait for a lock, for a free reader or for a new connection before the store counts as busy.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What whoever writes to the store locks: "superbot", as a number that no other program's lock has.
const IN_USE: i64 = 0x7375_7065_7262_6f74;
/// What is notified when the log has grown.
const CHANNEL: &str = "superbot_log";

/// Where the database is, and who this process is to it.
#[derive(Clone)]
pub(crate) struct Server {
    options: PgConnectOptions,
    /// The number of the writer's connection, whose own notifications are no news.
    writer: Arc<AtomicI32>,
}

/// Connects to the database and brings it up to date.
pub(crate) async fn open(url: &str, options: &StoreOptions) -> Result<Engine> {
    let server = Server::at(url)?;
    let mut conn = Conn::from(server.connect_writer().await?);
    migrate(&mut conn, options).await?;
    meta::refuse_unfinished(&mut conn).await?;

    let condition = Arc::new(Condition::default());
    let searches = searches_beside(options.read_connections);
    let readers = Readers::of(&server, options.read_connections.max(1), searches, &condition);
    let (queue, queued) = mpsc::channel(QUEUED_WRITES);
    let changes = Changes::default();
    let (stop, stopped) = watch::channel(false);
    let tx = Tx::new(conn, Reconnect::To(Box::new(server.clone())), changes.clone(), Arc::clone(&condition), options);
    let tasks = vec![
        tokio::spawn(listen::listen(server, changes.clone(), stopped.clone())),
        tokio::spawn(write(tx, queued, stopped)),
    ];
    Ok(Engine {
        readers: engine::Readers::Postgres(Box::new(readers)),
        searches: Arc::new(Semaphore::new(searches)),
        common_beginnings: Arc::default(),
        condition,
        queue,
        changes,
        told: None,
        stop,
        tasks: Mutex::new(tasks),
    })
}

/// Begins a transaction that may write: it holds the one lock there is, and knows the last numbers that were given out.
pub(crate) async fn begin(conn: &mut PgConnection) -> Result<Numbers> {
    // The numbers are read by a statement of their own, which sees what was committed while this one waited for the lock.
    let begin = format!("BEGIN; SELECT event FROM last_numbers FOR UPDATE; {SELECT_NUMBERS}");
    let rows = sqlx::raw_sql(AssertSqlSafe(begin)).fetch_all(conn).await?;
    let numbers = rows.last().ok_or_else(|| StoreError::Corrupt("last_numbers has no row".to_owned()))?;
    Numbers::from_row(&numbers.into())
}

/// Commits, and wakes whoever follows the log, if it has grown.
pub(crate) async fn commit(conn: &mut Conn, begun: &Numbers, now: &Numbers) -> Result<()> {
    let mut commit = String::new();
    if now.given_out() != begun.given_out() {
        let set = now.given_out().map(|(column, last)| format!("{column} = {last}")).join(", ");
        commit = format!("UPDATE last_numbers SET {set}; ");
    }
    if now.event > begun.event {
        // Writing to a string cannot fail.
        let _ = write!(commit, "NOTIFY {CHANNEL}; ");
    }
    if let Link::Postgres(conn) = conn.link() {
        sqlx::raw_sql(AssertSqlSafe(commit + "COMMIT")).execute(conn).await?;
    }
    Ok(())
}

impl Server {
    /// What an address says.
    pub(crate) fn at(url: &str) -> Result<Self> {
        // What is wrong with an address may be its password: it is not repeated.
        let options = PgConnectOptions::from_str(url).map_err(|_| StoreError::BadPostgresUrl)?;
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
    pub(crate) fn place(&self) -> String {
        let (host, port) = (self.options.get_host(), self.options.get_port());
        let database = self.options.get_database().unwrap_or_else(|| self.options.get_username());
        format!("the database {database} at {host}:{port}")
    }

    /// A connection for writing. For as long as it lasts, nobody can have the store alone.
    pub(crate) async fn connect_writer(&self) -> Result<PgConnection> {
        let (conn, number) = self.connect("SELECT pg_backend_pid() FROM pg_advisory_lock_shared($1)").await?;
        self.writer.store(number, Ordering::Relaxed);
        Ok(conn)
    }

    /// A connection for whoever replaces the whole store: nobody else writes to it for as long as it lasts.
    pub(crate) async fn connect_alone(&self) -> Result<PgConnection> {
        let (conn, _) = self.connect("SELECT pg_backend_pid() FROM pg_advisory_lock($1)").await?;
        Ok(conn)
    }

    async fn connect(&self, lock: &'static str) -> Result<(PgConnection, i32)> {
        let silent = |_| StoreError::Unreachable("it does not answer".to_owned());
        let mut conn = tokio::time::timeout(BUSY_TIMEOUT, self.options.connect()).await.map_err(silent)??;
        // The server waits no longer for a lock, and says so.
        let locking = sqlx::query_scalar(lock).bind(IN_USE).fetch_one(&mut conn);
        let number = tokio::time::timeout(BUSY_TIMEOUT * 2, locking).await.map_err(silent)??;
        Ok((conn, number))
    }
}

/// Brings the schema up to date in one transaction; of several programs that start at once, one does it.
pub(crate) async fn migrate(conn: &mut Conn, options: &StoreOptions) -> Result<()> {
    // "superb", as a number that no other program's lock has.
    const LOCK: &str = "SELECT pg_advisory_xact_lock(x'737570657262'::bigint)";
    sql::query("BEGIN").execute(conn).await?;
    // A change of a large table takes as long as it takes, and other nodes wait for it.
    sql::query("SET LOCAL statement_timeout = 0").execute(conn).await?;
    sql::query("SET LOCAL lock_timeout = 0").execute(conn).await?;
    sql::query(LOCK).execute(conn).await?;
    migrations::run(conn).await?;
    sql::query("COMMIT").execute(conn).await?;
    meta::write_first(conn, options).await
}

async fn write(tx: Tx, queued: mpsc::Receiver<Box<dyn writer::Job>>, stop: watch::Receiver<bool>) {
    // The lock's queue is fair: nobody needs a gap.
    let conn = writer::run(tx, queued, |_| {}, Duration::ZERO, stop).await;
    drop(conn.close().await);
}
