//! Sequence numbers allocated by the holder of the write lock.

use crate::sql::Record;

/// Sequences that are advanced under the write lock, so that their order is the commit order; one of them numbers the
/// event log.
pub trait SequenceState: Record + Copy + Default + Sync {
    /// Statement that takes the write lock on Postgres.
    const LOCK: &'static str;
    /// Statement that returns the current values as one row.
    const SELECT: &'static str;

    /// Returns the statement, ending in a semicolon, that stores the values on Postgres; `None` if they did not change
    /// since `begun`. SQLite derives them from the rows.
    fn update(&self, begun: &Self) -> Option<String>;

    /// Returns whether the transaction appended to the event log.
    fn has_appended(&self, begun: &Self) -> bool;
}
