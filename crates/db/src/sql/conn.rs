//! A connection to either database.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, Postgres};

use crate::error::Result;
use crate::sqlite;

/// A connection: the writer's own, or one that is given back to the readers' pool when it is dropped.
pub enum SqlConn {
    /// A connection of its own to a file.
    Sqlite(sqlite::SqliteConnection),
    /// A pooled connection that only reads a file.
    SqliteReader(sqlite::PooledReader),
    /// A connection of its own to a server.
    Postgres(PgConnection),
    /// A pooled connection to a server.
    PostgresReader(PoolConnection<Postgres>),
}

/// The same, for what has to be done by the one or by the other.
pub enum ConnLink<'c> {
    /// To a file.
    Sqlite(&'c mut sqlite::SqliteConnection),
    /// To a server.
    Postgres(&'c mut PgConnection),
}

/// Which SQL a connection understands where the databases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlDialect {
    /// SQLite's.
    Sqlite,
    /// Postgres's.
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
    /// The connection itself.
    pub fn link(&mut self) -> ConnLink<'_> {
        match self {
            Self::Sqlite(conn) => ConnLink::Sqlite(conn),
            Self::SqliteReader(conn) => ConnLink::Sqlite(conn),
            Self::Postgres(conn) => ConnLink::Postgres(conn),
            Self::PostgresReader(conn) => ConnLink::Postgres(conn),
        }
    }

    /// Has statements run on the thread that asks for them, where there is a choice.
    #[must_use]
    pub fn run_inline(self) -> Self {
        match self {
            Self::Sqlite(conn) => conn.run_inline().into(),
            _ => self,
        }
    }

    /// Closes the connection, or gives it back to its pool.
    pub async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.close().await?,
            Self::SqliteReader(conn) => drop(conn),
            Self::Postgres(conn) => conn.close().await?,
            Self::PostgresReader(conn) => drop(conn),
        }
        Ok(())
    }

    /// Which SQL it understands.
    pub fn dialect(&self) -> SqlDialect {
        match self {
            Self::Sqlite(_) | Self::SqliteReader(_) => SqlDialect::Sqlite,
            Self::Postgres(_) | Self::PostgresReader(_) => SqlDialect::Postgres,
        }
    }
}

impl SqlDialect {
    /// The text that is meant for it.
    pub fn pick<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}
