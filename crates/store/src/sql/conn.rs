//! A connection to either database.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, PgConnection, Postgres};

use super::QueryBuilder;
use crate::{Result, sqlite};

/// A connection, with the statements that wait to be run on it before any other.
pub(crate) struct Conn {
    end: End,
    waiting: Vec<QueryBuilder>,
}

/// The writer's own, or one that is given back to the readers' pool when it is dropped.
enum End {
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

macro_rules! ends {
    ($($end:ident($connection:ty);)+) => {$(
        impl From<$connection> for Conn {
            fn from(connection: $connection) -> Self {
                Self { end: End::$end(connection), waiting: Vec::new() }
            }
        }
    )+};
}

ends! {
    Sqlite(sqlite::Connection);
    SqliteReader(sqlite::Reader);
    Postgres(PgConnection);
    PostgresReader(PoolConnection<Postgres>);
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

    /// Has statements run on the thread that asks for them, where there is a choice.
    pub(crate) fn here(self) -> Self {
        match self.end {
            End::Sqlite(conn) => conn.here().into(),
            _ => self,
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

    /// Begins a statement of which nobody wants an answer; it is to be pushed to what this gives.
    ///
    /// It is run before the next one that is run on this connection; what goes wrong with it is that one's error.
    pub(crate) fn later(&mut self) -> &mut QueryBuilder {
        self.waiting.push_mut(QueryBuilder::default())
    }

    /// Runs what waits.
    pub(crate) async fn settle(&mut self) -> Result<()> {
        // What fails is not tried again; nor is what came after it.
        for statement in std::mem::take(&mut self.waiting) {
            statement.build().run(self).await?;
        }
        Ok(())
    }

    /// Runs what waits, and behind it a statement of which nobody wants an answer.
    pub(crate) async fn finish(&mut self, sql: &'static str) -> Result<()> {
        super::query(sql).execute(self).await.map(drop)
    }

    /// Drops what waits: it belongs to work that is undone.
    pub(crate) fn forget(&mut self) {
        self.waiting.clear();
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
