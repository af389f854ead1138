//! Lists that are read page by page, newest first.

use superbot_domain::BoundedCount;

use crate::error::{Result, StoreError};

/// A part of a list, and where the next part begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorePage<T> {
    /// The entries, in the order of the list.
    pub items: Vec<T>,
    /// What to ask for next; `None` at the end.
    pub next_cursor: Option<String>,
}

/// What a page holds at most, whatever is asked.
const MAX_ROWS: u32 = 500;

/// So many rows are read: one more than the page holds, to know whether anything follows.
pub(crate) fn rows_to_read(limit: u32) -> i64 {
    i64::from(limit.clamp(1, MAX_ROWS)) + 1
}

/// Matches are counted exactly up to this number.
pub(crate) const COUNTED: i64 = BoundedCount::MAX_EXACT;

/// The rows of a page, without the one that was read to see whether there is a next page; and whether there is.
pub(crate) fn split<T>(mut rows: Vec<T>, limit: u32) -> (Vec<T>, bool) {
    let full = limit.clamp(1, MAX_ROWS) as usize;
    let more = rows.len() > full;
    rows.truncate(full);
    (rows, more)
}

impl<T> StorePage<T> {
    /// The page of rows read newest first, with the cursor after its last.
    pub(crate) fn of(rows: Vec<T>, limit: u32, id: impl Fn(&T) -> i64) -> Self {
        let (rows, more) = split(rows, limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| format!("{:x}", id(last)));
        Self { items: rows, next_cursor }
    }
}

/// The id that a page ends before.
pub(crate) fn before(cursor: Option<&str>) -> Result<i64> {
    let Some(cursor) = cursor else { return Ok(i64::MAX) };
    // The parser of numbers takes signs, which no cursor has.
    let id = if cursor.starts_with('+') { None } else { i64::from_str_radix(cursor, 16).ok() };
    id.filter(|id| *id > 0).ok_or(StoreError::BadCursor)
}
