//! The open transaction.

use std::ops::DerefMut;

use superbot_domain::{Seq, Timestamp};

use crate::newest::Newest;
use crate::numbers::Numbers;
use crate::sql::Conn;

/// The open transaction.
pub(crate) struct Transaction {
    /// Where its statements run.
    pub(crate) conn: Conn,
    /// When the request began.
    pub(crate) now: Timestamp,
    /// The last numbers that were given out.
    pub(crate) numbers: Numbers,
    /// The events that it has written.
    pub(crate) written: Newest,
}

/// What requests work with: the open transaction, and what is kept in step with it.
///
/// A type of the writer's owner, so that the writer need not know what that is.
pub(crate) trait WriteContext: DerefMut<Target = Transaction> + Send + 'static {
    /// What a request wrote was undone; the log ends at `head` again.
    fn rewind(&mut self, head: Seq);

    /// The transaction is lost, and with it all that was read in it.
    fn forget(&mut self);

    /// Gives the connection back when nothing more is written.
    fn into_conn(self) -> Conn;
}

impl Transaction {
    pub(crate) fn new(conn: Conn, now: Timestamp) -> Self {
        Self { conn, now, numbers: Numbers::default(), written: Newest::default() }
    }
}
