//! The open transaction.

use std::fmt::Display;
use std::ops::DerefMut;
use std::pin::Pin;

use crate::error::DbError;
use crate::sequences::SequenceState;
use crate::sql::SqlConn;

/// A future on the heap, as requests of different types need it.
pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The open transaction.
pub struct WriteTransaction<N> {
    /// Where its statements run.
    pub conn: SqlConn,
    /// The last numbers that were given out.
    pub numbers: N,
}

/// What a request fails with.
pub trait WriteError: From<DbError> + Clone + Display + Send + Sync + 'static {
    /// The database's error, where it is one.
    fn database(&self) -> Option<&DbError>;
}

/// What requests work with: the open transaction, and what is kept in step with it.
///
/// A type of the writer's owner, so that the writer need not know what that is.
pub trait WriteContext: DerefMut<Target = WriteTransaction<Self::Numbers>> + Send + 'static {
    /// The numbers that it gives out.
    type Numbers: SequenceState;
    /// What its requests fail with.
    type Error: WriteError;

    /// A request begins.
    fn begin_request(&mut self);

    /// What a request wrote was undone; the numbers are again what they were before it.
    fn rewind(&mut self);

    /// The transaction is lost, and with it all that was read in it.
    fn forget(&mut self);

    /// The transaction is committed; no request has been answered yet.
    fn committed(&mut self);

    /// The log has grown, and all requests have been answered.
    fn published(&mut self);

    /// Writes something, to find out whether that is possible.
    fn probe(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Gives the connection back when nothing more is written.
    fn into_conn(self) -> SqlConn;
}

impl<N: SequenceState> WriteTransaction<N> {
    /// A transaction that is about to begin.
    pub fn new(conn: SqlConn) -> Self {
        Self { conn, numbers: N::default() }
    }
}
