//! Statements run in one go.

use super::query::Record;
use super::{Conn, Dialect, QueryBuilder};
use crate::Result;

/// Statements in their order.
///
/// Handing a statement to SQLite's thread and waiting for it costs more than most of them take. Those for a row or two, which
/// is what most requests are about, are handed over together; larger ones stay apart, so that their texts are few and are
/// prepared once. Postgres takes them one by one.
pub(crate) struct Script {
    parts: Vec<QueryBuilder>,
    dialect: Dialect,
    /// Whether more may be added to the last part.
    open: bool,
}

/// Statements for so many rows are handed over together with others.
const FEW_ROWS: usize = 2;

impl Script {
    pub(crate) fn of(dialect: Dialect) -> Self {
        Self { parts: Vec::new(), dialect, open: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Begins a statement about so many rows; it is to be pushed to what this gives.
    pub(crate) fn begin(&mut self, rows: usize) -> &mut QueryBuilder {
        let joins = rows <= FEW_ROWS && self.open;
        self.open = rows <= FEW_ROWS && self.dialect == Dialect::Sqlite;
        match self.parts.last_mut().filter(|_| joins) {
            Some(part) => drop(part.push("; ")),
            None => self.parts.push(QueryBuilder::default()),
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    /// Runs all of it.
    pub(super) async fn run(self, conn: &mut Conn) -> Result<()> {
        for part in self.parts {
            part.build().execute(conn).await?;
        }
        Ok(())
    }

    /// Runs all of it, and gives the rows of all statements.
    pub(crate) async fn fetch_all<T: Record>(self, conn: &mut Conn) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        for part in self.parts {
            rows.extend(part.build_query_as().fetch_all(conn).await?);
        }
        Ok(rows)
    }
}
