//! How a transaction that writes begins and ends.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::error::{DbError, Result};
use crate::sequences::SequenceState;
use crate::sql::{ConnLink, SqlConn};

/// What is notified when the log has grown.
pub(super) const CHANNEL: &str = "superbot_log";

/// Begins a transaction that may write: it holds the one lock there is, and knows the last numbers that were given out.
pub(crate) async fn begin<N: SequenceState>(conn: &mut PgConnection) -> Result<N> {
    // The numbers are read by a statement of their own, which sees what was committed while this one waited for the lock.
    let begin = format!("BEGIN; {}; {}", N::LOCK, N::SELECT);
    let rows = sqlx::raw_sql(AssertSqlSafe(begin)).fetch_all(conn).await?;
    let numbers = rows.last().ok_or_else(|| DbError::Corrupt("the row of the last numbers is missing".to_owned()))?;
    N::from_row(&numbers.into())
}

/// Commits, and wakes whoever follows the log, if it has grown.
pub(crate) async fn commit<N: SequenceState>(conn: &mut SqlConn, begun: &N, now: &N) -> Result<()> {
    let mut commit = now.update(begun).unwrap_or_default();
    if now.has_appended(begun) {
        // Writing to a string cannot fail.
        let _ = write!(commit, "NOTIFY {CHANNEL}; ");
    }
    if let ConnLink::Postgres(conn) = conn.link() {
        sqlx::raw_sql(AssertSqlSafe(commit + "COMMIT")).execute(conn).await?;
    }
    Ok(())
}
