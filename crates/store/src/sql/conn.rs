//! A connection to either database.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, Postgres};

use crate::error::Result;
use crate::sqlite;

/// A connection: the writer's own, or one that is given back to the readers' pool when it is dropped.
pub(crate) enum Conn {
    Sqlite(sqlite::Connection),
    SqliteReader(sqlite::Reader),
    Postgres(PgConnection),
    PostgresReader(PoolConnection<Postgres>),
}

/// The same, for what has to be done by the one or by the other.
pub(crate) enum Link<'c> {
    Sqlite(&'c mut sqlite::Connection),
    Postgres(&'c mut PgConnection),
}

/// Which SQL a connection understands where the databases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
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
    pub(crate) fn link(&mut self) -> Link<'_> {
        match self {
            Self::Sqlite(conn) => Link::Sqlite(conn),
            Self::SqliteReader(conn) => Link::Sqlite(conn),
            Self::Postgres(conn) => Link::Postgres(conn),
            Self::PostgresReader(conn) => Link::Postgres(conn),
        }
    }

    /// Has statements run on the thread that asks for them, where there is a choice.
    pub(crate) fn here(self) -> Self {
        match self {
            Self::Sqlite(conn) => conn.here().into(),
            _ => self,
        }
    }

    pub(crate) async fn close(self) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.close().await?,
            Self::SqliteReader(conn) => drop(conn),
            Self::Postgres(conn) => conn.close().await?,
            Self::PostgresReader(conn) => drop(conn),
        }
        Ok(())
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) | Self::SqliteReader(_) => Dialect::Sqlite,
            Self::Postgres(_) | Self::PostgresReader(_) => Dialect::Postgres,
        }
    }
}

impl Dialect {
    /// The text that is meant for it.
    pub(crate) fn pick<T>(self, sqlite: T, postgres: T) -> T {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}
