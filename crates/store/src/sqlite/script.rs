//! Statements run in one go.

use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::Result;

/// Statements in their order, of which nobody wants an answer.
///
/// Handing a statement to SQLite's thread and waiting for it costs more than most of them take. Those for one row, which is
/// what most requests write, are handed over together; larger ones stay apart, so that their texts are few and are prepared
/// once.
#[derive(Default)]
pub(crate) struct Script {
    parts: Vec<QueryBuilder<Sqlite>>,
    /// Whether more may be added to the last part.
    open: bool,
}

impl Script {
    /// Begins a statement that writes so many rows; it is to be pushed to what this gives.
    pub(crate) fn begin(&mut self, rows: usize) -> &mut QueryBuilder<Sqlite> {
        let joins = rows == 1 && self.open;
        self.open = rows == 1;
        match self.parts.last_mut().filter(|_| joins) {
            Some(part) => drop(part.push("; ")),
            None => self.parts.push(QueryBuilder::new("")),
        }
        let last = self.parts.len() - 1;
        &mut self.parts[last]
    }

    /// Runs all of it, and gives the number of the last row that was inserted.
    pub(crate) async fn run(&mut self, conn: &mut SqliteConnection) -> Result<Option<i64>> {
        self.open = false;
        let mut last = None;
        for mut part in self.parts.drain(..) {
            last = Some(part.build().execute(&mut *conn).await?.last_insert_rowid());
        }
        Ok(last)
    }
}
