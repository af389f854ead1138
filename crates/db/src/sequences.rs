//! Numbers that whoever holds the lock for writing gives out.

use crate::sql::Record;

/// Numbers that are given out under the lock for writing, in the order of the commits, among them those of a log.
pub trait SequenceState: Record + Copy + Default + Sync {
    /// Takes the lock for writing on Postgres.
    const LOCK: &'static str;
    /// Reads the numbers, in one row.
    const SELECT: &'static str;

    /// The statement that keeps them on Postgres, where they are not as they were when the transaction began; it ends in a
    /// semicolon. SQLite knows them from the rows.
    fn update(&self, begun: &Self) -> Option<String>;

    /// Whether the log has grown since the transaction began.
    fn has_appended(&self, begun: &Self) -> bool;
}
