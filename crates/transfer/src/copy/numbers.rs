//! Sequences: a copy continues where the source had arrived, even if its last rows were deleted.

use sqlx::AssertSqlSafe;
use superbot_db::sql::{self, Conn, Dialect};

use super::error::Result;
use super::tables::{Numbers, TableKey};

/// Returns the last allocated number; `None` for a table without generated ids.
pub(super) async fn last(conn: &mut Conn, table: &TableKey) -> Result<Option<i64>> {
    let (name, dialect) = (table.name, conn.dialect());
    let select = match (table.numbers, dialect) {
        (Numbers::None, _) => return Ok(None),
        (_, Dialect::Sqlite) => format!("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{name}'), 0)"),
        (Numbers::Table, Dialect::Postgres) => {
            format!("SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence('{name}', 'id')::regclass), 0)")
        }
        (Numbers::Writer(column), Dialect::Postgres) => format!("SELECT {column} FROM last_numbers"),
    };
    Ok(Some(sql::query_scalar(AssertSqlSafe(select)).fetch_one(conn).await?))
}

/// Sets the last allocated number.
pub(super) async fn go_on_after(conn: &mut Conn, table: &TableKey, last: i64) -> Result<()> {
    let (name, dialect) = (table.name, conn.dialect());
    let statements = match (table.numbers, dialect) {
        (Numbers::None, _) => Vec::new(),
        (_, Dialect::Sqlite) => vec![
            format!("DELETE FROM sqlite_sequence WHERE name = '{name}'"),
            format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', {last})"),
        ],
        (Numbers::Table, Dialect::Postgres) => {
            // A sequence starts at 1; `is_called = false` means that 1 itself is still available.
            let (at, given_out) = (last.max(1), last > 0);
            vec![format!("SELECT setval(pg_get_serial_sequence('{name}', 'id'), {at}, {given_out})")]
        }
        (Numbers::Writer(column), Dialect::Postgres) => vec![format!("UPDATE last_numbers SET {column} = {last}")],
    };
    for statement in statements {
        sql::query(AssertSqlSafe(statement)).execute(conn).await?;
    }
    Ok(())
}
