//! A connection to either database.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, Postgres};

use crate::error::Result;
use crate::sqlite;

/// A connection: the writer's own, or one that is given back to the readers' pool when it is dropped.
pub enum Conn {
    /// A connection of its own to a file.
    Sqlite(sqlite::Connection),
    /// A pooled connection that only reads a file.
    SqliteReader(sqlite::Reader),
    /// A connection of its own to a server.
    Postgres(PgConnection),
    /// A pooled connection to a server.
    PostgresReader(PoolConnection<Postgres>),
}

/// The same, for what has to be done by the one or by the other.
pub enum Link<'c> {
    /// To a file.
    Sqlite(&'c mut sqlite::Connection),
    /// To a server.
    Postgres(&'c mut PgConnection),
}

/// Which SQL a connection understands where the databases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite's.
    Sqlite,
    /// Postgres's.
    Postgres,
}

macro_rules! kinds {
    ($($kind:ident($connection:ty);)+) => {$(
        impl From<$connection> for Conn {
            fn from(connection: $connection) -> Self {
                Self::$kind(connection)
            }
        }
    )+};
}

kinds! {
    Sqlite(sqlite::Connection);
    SqliteReader(sqlite::Reader);
    Postgres(PgConnection);
    PostgresReader(PoolConnection<Postgres>);
}

impl Conn {
    /// The connection itself.
    pub fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(conn) => Link::Sqlite(conn),
            Self::SqliteReader(conn) => Link::Sqlite(conn),
            Self::Postgres(conn) => Link::Postgres(conn),
            Self::PostgresReader(conn) => Link::Postgres(conn),
        }
    }

    /// Has statements run on the thread that asks for them, where there is a choice.
    #[must_use]
    pub fn here(self) -> Self {
        match self {
            Self::Sqlite(conn) => conn.here().into(),
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
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) | Self::SqliteReader(_) => Dialect::Sqlite,
            Self::Postgres(_) | Self::PostgresReader(_) => Dialect::Postgres,
        }
    }
}

impl Dialect {
    /// The text that is meant for it.
    pub fn pick<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}
