//! Connections to either database.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, Postgres};

use crate::error::Result;
use crate::sqlite;

/// A connection: the writer's own, or one that returns to a pool when dropped.
pub enum SqlConn {
    /// A dedicated connection to an SQLite file.
    Sqlite(sqlite::SqliteConnection),
    /// A pooled read-only connection to an SQLite file.
    SqliteReader(sqlite::PooledReader),
    /// A dedicated connection to a Postgres server.
    Postgres(PgConnection),
    /// A pooled connection to a Postgres server.
    PostgresReader(PoolConnection<Postgres>),
}

/// A borrowed connection by back end, for code that differs between the two.
pub enum ConnLink<'c> {
    /// SQLite.
    Sqlite(&'c mut sqlite::SqliteConnection),
    /// Postgres.
    Postgres(&'c mut PgConnection),
}

/// SQL dialect, for statements that differ between the databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlDialect {
    /// The dialect of SQLite.
    Sqlite,
    /// The dialect of Postgres.
    Postgres,
}

macro_rules! kinds {
    ($($kind:ident($connection:ty);)+) => {$(
        impl From<$connection> for SqlConn {
            fn from(connection: $connection) -> Self {
                Self::$kind(connection)
            }
        }
    )+};
}

kinds! {
    Sqlite(sqlite::SqliteConnection);
    SqliteReader(sqlite::PooledReader);
    Postgres(PgConnection);
    PostgresReader(PoolConnection<Postgres>);
}

impl SqlConn {
    /// Returns the underlying connection.
    pub fn link(&mut self) -> ConnLink<'_> {
        match self {
            Self::Sqlite(conn) => ConnLink::Sqlite(conn),
            Self::SqliteReader(conn) => ConnLink::Sqlite(conn),
            Self::Postgres(conn) => ConnLink::Postgres(conn),
            Self::PostgresReader(conn) => ConnLink::Postgres(conn),
        }
    }

    /// Executes statements on the calling thread, if the back end supports that.
    #[must_use]
    pub fn run_inline(self) -> Self {
        match self {
            Self::Sqlite(conn) => conn.run_inline().into(),
            _ => self,
        }
    }

    /// Closes the connection, or returns it to its pool.
    pub async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.close().await?,
            Self::SqliteReader(conn) => drop(conn),
            Self::Postgres(conn) => conn.close().await?,
            Self::PostgresReader(conn) => drop(conn),
        }
        Ok(())
    }

    /// Returns the connection's SQL dialect.
    pub fn dialect(&self) -> SqlDialect {
        match self {
            Self::Sqlite(_) | Self::SqliteReader(_) => SqlDialect::Sqlite,
            Self::Postgres(_) | Self::PostgresReader(_) => SqlDialect::Postgres,
        }
    }
}

impl SqlDialect {
    /// Selects the value for this dialect.
    pub fn pick<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}
