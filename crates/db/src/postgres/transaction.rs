//! Begin and commit of write transactions.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, PgConnection};

use crate::error::{DbError, Result};
use crate::sequences::SequenceState;
use crate::sql::{ConnLink, SqlConn};

/// Notification channel that signals growth of the event log.
pub(super) const CHANNEL: &str = "superbot_log";

/// Begins a write transaction: takes the write lock and returns the current sequence numbers.
pub(crate) async fn begin<N: SequenceState>(conn: &mut PgConnection) -> Result<N> {
    // A separate SELECT: in READ COMMITTED each statement gets its own snapshot, so this one sees what was committed
    // while the lock was awaited.
    let begin = format!("BEGIN; {}; {}", N::LOCK, N::SELECT);
    let rows = sqlx::raw_sql(AssertSqlSafe(begin)).fetch_all(conn).await?;
    let numbers = rows.last().ok_or_else(|| DbError::Corrupt("the row of the last numbers is missing".to_owned()))?;
    N::from_row(&numbers.into())
}

/// Commits. If the log has grown, notifies its followers in the same transaction.
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
