//! How a transaction that writes begins and ends.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::error::{Result, StoreError};
use crate::numbers::{Numbers, SELECT_NUMBERS};
use crate::sql::{Conn, Link, Record as _};

/// What is notified when the log has grown.
pub(super) const CHANNEL: &str = "superbot_log";

/// Begins a transaction that may write: it holds the one lock there is, and knows the last numbers that were given out.
pub(crate) async fn begin(conn: &mut PgConnection) -> Result<Numbers> {
    // The numbers are read by a statement of their own, which sees what was committed while this one waited for the lock.
    let begin = format!("BEGIN; SELECT event FROM last_numbers FOR UPDATE; {SELECT_NUMBERS}");
    let rows = sqlx::raw_sql(AssertSqlSafe(begin)).fetch_all(conn).await?;
    let numbers = rows.last().ok_or_else(|| StoreError::Corrupt("last_numbers has no row".to_owned()))?;
    Numbers::from_row(&numbers.into())
}

/// Commits, and wakes whoever follows the log, if it has grown.
pub(crate) async fn commit(conn: &mut Conn, begun: &Numbers, now: &Numbers) -> Result<()> {
    let mut commit = String::new();
    if now.given_out() != begun.given_out() {
        let set = now.given_out().map(|(column, last)| format!("{column} = {last}")).join(", ");
        commit = format!("UPDATE last_numbers SET {set}; ");
    }
    if now.event > begun.event {
        // Writing to a string cannot fail.
        let _ = write!(commit, "NOTIFY {CHANNEL}; ");
    }
    if let Link::Postgres(conn) = conn.link() {
        sqlx::raw_sql(AssertSqlSafe(commit + "COMMIT")).execute(conn).await?;
    }
    Ok(())
}
