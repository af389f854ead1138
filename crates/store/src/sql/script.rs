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
    /// How many more may be added to the last part.
    room: usize,
}

/// Statements for so many rows are handed over together with others ...
const FEW_ROWS: usize = 2;
/// ... but no more than so many: each text is kept, with all that was prepared for it.
const MOST_JOINED: usize = 16;

impl Script {
    pub(crate) fn of(dialect: Dialect) -> Self {
        Self { parts: Vec::new(), dialect, room: 0 }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Begins a statement about so many rows; it is to be pushed to what this gives.
    pub(crate) fn begin(&mut self, rows: usize) -> &mut QueryBuilder {
        let may_join = rows <= FEW_ROWS && self.dialect == Dialect::Sqlite;
        if let Some(part) = self.parts.last_mut().filter(|_| may_join && self.room > 0) {
            part.push("; ");
            self.room -= 1;
        } else {
            self.parts.push(QueryBuilder::default());
            self.room = if may_join { MOST_JOINED - 1 } else { 0 };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(dialect: Dialect, rows: &[usize]) -> usize {
        let mut script = Script::of(dialect);
        for rows in rows {
            script.begin(*rows).push("SELECT 1");
        }
        script.parts.len()
    }

    #[test]
    fn small_statements_are_joined_within_bounds() {
        assert_eq!(parts(Dialect::Sqlite, &[1, 2, 0]), 1);
        assert_eq!(parts(Dialect::Sqlite, &[1, 8, 8, 1]), 4, "large ones stay apart");
        assert_eq!(parts(Dialect::Sqlite, &[1; MOST_JOINED]), 1);
        assert_eq!(parts(Dialect::Sqlite, &[1; 10 * MOST_JOINED + 1]), 11);
        assert_eq!(parts(Dialect::Postgres, &[1; 5]), 5, "it takes them one by one");
    }
}
