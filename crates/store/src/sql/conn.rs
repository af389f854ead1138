//! A connection to either database.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, Postgres, SqliteConnection};

use super::{QueryBuilder, Script};
use crate::{Result, sqlite};

/// A connection, with the statements that wait to be run on it before any other.
pub(crate) struct Conn {
    end: End,
    waiting: Script,
}

/// The writer's own, or one that is given back to the readers' pool when it is dropped.
enum End {
    Sqlite(SqliteConnection),
    SqliteReader(sqlite::Reader),
    Postgres(PgConnection),
    PostgresReader(PoolConnection<Postgres>),
}

/// The same, for what has to be done by the one or by the other.
pub(crate) enum Link<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// Which SQL a connection understands where the databases differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

macro_rules! ends {
    ($($end:ident($connection:ty) $dialect:ident;)+) => {$(
        impl From<$connection> for Conn {
            fn from(connection: $connection) -> Self {
                Self { end: End::$end(connection), waiting: Script::of(Dialect::$dialect) }
            }
        }
    )+};
}

ends! {
    Sqlite(SqliteConnection) Sqlite;
    SqliteReader(sqlite::Reader) Sqlite;
    Postgres(PgConnection) Postgres;
    PostgresReader(PoolConnection<Postgres>) Postgres;
}

impl Conn {
    /// The connection itself, on which nothing may wait.
    pub(crate) fn link(&mut self) -> Link<'_> {
        match &mut self.end {
            End::Sqlite(conn) => Link::Sqlite(conn),
            End::SqliteReader(conn) => Link::Sqlite(conn),
            End::Postgres(conn) => Link::Postgres(conn),
            End::PostgresReader(conn) => Link::Postgres(conn),
        }
    }

    pub(crate) async fn close(self) -> Result<()> {
        match self.end {
            End::Sqlite(conn) => conn.close().await?,
            End::SqliteReader(conn) => drop(conn),
            End::Postgres(conn) => conn.close().await?,
            End::PostgresReader(conn) => drop(conn),
        }
        Ok(())
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match &self.end {
            End::Sqlite(_) | End::SqliteReader(_) => Dialect::Sqlite,
            End::Postgres(_) | End::PostgresReader(_) => Dialect::Postgres,
        }
    }

    /// Begins a statement about so many rows, of which nobody wants an answer; it is to be pushed to what this gives.
    ///
    /// It is run before the next one that is run on this connection, together with others that wait; what goes wrong with it
    /// is that one's error.
    pub(crate) fn later(&mut self, rows: usize) -> &mut QueryBuilder {
        self.waiting.begin(rows)
    }

    /// Runs what waits.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        // What fails is not tried again; nor is what came after it.
        self.take_waiting().run(self).await
    }

    /// Runs what waits, and a statement of which nobody wants an answer behind it.
    pub(crate) async fn finish(&mut self, sql: &'static str) -> Result<()> {
        self.later(0).push(sql);
        self.settle().await
    }

    /// Drops what waits: it belongs to work that is undone.
    pub(crate) fn forget(&mut self) {
        self.take_waiting();
    }

    fn take_waiting(&mut self) -> Script {
        let dialect = self.dialect();
        std::mem::replace(&mut self.waiting, Script::of(dialect))
    }

    pub(super) fn has_waiting(&self) -> bool {
        !self.waiting.is_empty()
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
