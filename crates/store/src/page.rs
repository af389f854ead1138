//! Pagination, newest first.

use superbot_domain::BoundedCount;

use crate::error::{Result, StoreError};

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorePage<T> {
    /// The items, in list order.
    pub items: Vec<T>,
    /// Cursor of the next page; `None` on the last page.
    pub next_cursor: Option<String>,
}

/// Maximum page size, regardless of the requested limit.
const MAX_ROWS: u32 = 500;

/// Returns the number of rows to read: one more than the page size, to detect a next page.
pub(crate) fn rows_to_read(limit: u32) -> i64 {
    i64::from(limit.clamp(1, MAX_ROWS)) + 1
}

/// Limit up to which matches are counted exactly.
pub(crate) const COUNTED: i64 = BoundedCount::MAX_EXACT;

/// Truncates rows to the page size, and returns whether there is a next page.
pub(crate) fn split<T>(mut rows: Vec<T>, limit: u32) -> (Vec<T>, bool) {
    let full = limit.clamp(1, MAX_ROWS) as usize;
    let more = rows.len() > full;
    rows.truncate(full);
    (rows, more)
}

impl<T> StorePage<T> {
    /// Builds a page from rows in descending order of their ids.
    pub(crate) fn of(rows: Vec<T>, limit: u32, id: impl Fn(&T) -> i64) -> Self {
        let (rows, more) = split(rows, limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| format!("{:x}", id(last)));
        Self { items: rows, next_cursor }
    }
}

/// Parses a cursor; returns the exclusive upper bound of the page's ids.
pub(crate) fn before(cursor: Option<&str>) -> Result<i64> {
    let Some(cursor) = cursor else { return Ok(i64::MAX) };
    // `from_str_radix` accepts a leading plus sign, which no cursor has.
    let id = if cursor.starts_with('+') { None } else { i64::from_str_radix(cursor, 16).ok() };
    id.filter(|id| *id > 0).ok_or(StoreError::BadCursor)
}
