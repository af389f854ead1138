//! Sequences: a copy continues where the source had arrived, even if its last rows were deleted.

use sqlx::AssertSqlSafe;
use superbot_db::sql::{self, SqlConn, SqlDialect};

use super::error::Result;
use super::tables::{NumberSource, TableKey};

/// Returns the last allocated number; `None` for a table without generated ids.
pub(super) async fn last(conn: &mut SqlConn, table: &TableKey) -> Result<Option<i64>> {
    let name = table.name;
    let dialect = conn.dialect();
    let select = match (table.numbers, dialect) {
        (NumberSource::None, _) => return Ok(None),
        (_, SqlDialect::Sqlite) => {
            format!("SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = '{name}'), 0)")
        }
        (NumberSource::Table, SqlDialect::Postgres) => {
            format!("SELECT COALESCE(pg_sequence_last_value(pg_get_serial_sequence('{name}', 'id')::regclass), 0)")
        }
        (NumberSource::Writer(column), SqlDialect::Postgres) => format!("SELECT {column} FROM last_numbers"),
    };
    Ok(Some(sql::query_scalar(AssertSqlSafe(select)).fetch_one(conn).await?))
}

/// Sets the last allocated number.
pub(super) async fn go_on_after(conn: &mut SqlConn, table: &TableKey, last: i64) -> Result<()> {
    let name = table.name;
    let dialect = conn.dialect();
    let statements = match (table.numbers, dialect) {
        (NumberSource::None, _) => Vec::new(),
        (_, SqlDialect::Sqlite) => vec![
            format!("DELETE FROM sqlite_sequence WHERE name = '{name}'"),
            format!("INSERT INTO sqlite_sequence (name, seq) VALUES ('{name}', {last})"),
        ],
        (NumberSource::Table, SqlDialect::Postgres) => {
            // A sequence starts at 1; `is_called = false` means that 1 itself is still available.
            let at = last.max(1);
            let given_out = last > 0;
            vec![format!("SELECT setval(pg_get_serial_sequence('{name}', 'id'), {at}, {given_out})")]
        }
        (NumberSource::Writer(column), SqlDialect::Postgres) => {
            vec![format!("UPDATE last_numbers SET {column} = {last}")]
        }
    };
    for statement in statements {
        sql::query(AssertSqlSafe(statement)).execute(conn).await?;
    }
    Ok(())
}
