//! Connections with a deadline.

use std::ops::{Deref, DerefMut};

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::error::{DbError, Result};
use crate::sql::SqlConn;

/// A connection for lists, searches and previews whose statements are interrupted at a deadline.
pub struct TimedConn {
    conn: SqlConn,
    deadline: Instant,
    /// Released after the connection: fields drop in declaration order.
    _permit: OwnedSemaphorePermit,
}

impl TimedConn {
    pub(super) fn new(conn: SqlConn, deadline: Instant, permit: OwnedSemaphorePermit) -> Self {
        if let SqlConn::SqliteReader(reader) = &conn {
            reader.deadline().set(Some(deadline));
        }
        Self { conn, deadline, _permit: permit }
    }

    /// # Errors
    /// [`DbError::TooSlow`] if the deadline has passed.
    pub fn check_deadline(&self) -> Result<()> {
        if self.deadline <= Instant::now() { Err(DbError::TooSlow) } else { Ok(()) }
    }

    /// Returns the connection for one more statement.
    ///
    /// # Errors
    /// [`DbError::TooSlow`] if the deadline has passed: a short statement ends before SQLite's progress handler could
    /// interrupt it.
    pub fn in_time(&mut self) -> Result<&mut SqlConn> {
        self.check_deadline()?;
        Ok(&mut self.conn)
    }
}

impl Deref for TimedConn {
    type Target = SqlConn;

    fn deref(&self) -> &SqlConn {
        &self.conn
    }
}

impl DerefMut for TimedConn {
    fn deref_mut(&mut self) -> &mut SqlConn {
        &mut self.conn
    }
}
