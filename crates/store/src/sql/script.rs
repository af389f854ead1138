//! Statements run in one go.

use super::{Conn, Dialect, QueryBuilder};
use crate::Result;

/// Statements in their order, of which nobody wants an answer.
///
/// Handing a statement to SQLite's thread and waiting for it costs more than most of them take. Those for one row, which is
/// what most requests write, are handed over together; larger ones stay apart, so that their texts are few and are prepared
/// once. Postgres takes them one by one.
pub(crate) struct Script {
    parts: Vec<QueryBuilder>,
    dialect: Dialect,
    /// Whether more may be added to the last part.
    open: bool,
}

impl Script {
    pub(crate) fn of(dialect: Dialect) -> Self {
        Self { parts: Vec::new(), dialect, open: false }
    }

    /// What its statements are written for.
    pub(crate) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a statement that writes so many rows; it is to be pushed to what this gives.
    pub(crate) fn begin(&mut self, rows: usize) -> &mut QueryBuilder {
        let joins = rows == 1 && self.open;
        self.open = rows == 1 && self.dialect == Dialect::Sqlite;
        match self.parts.last_mut().filter(|_| joins) {
            Some(part) => drop(part.push("; ")),
            None => self.parts.push(QueryBuilder::default()),
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    /// Runs all of it.
    pub(crate) async fn run(&mut self, conn: &mut Conn) -> Result<()> {
        self.open = false;
        for part in self.parts.drain(..) {
            part.build().execute(conn).await?;
        }
        Ok(())
    }
}
