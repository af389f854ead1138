//! The open transaction.

use std::fmt::Display;
use std::ops::DerefMut;
use std::pin::Pin;

use crate::error::DbError;
use crate::sequences::SequenceState;
use crate::sql::SqlConn;

/// A boxed future; requests of different types share one queue.
pub(super) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The open transaction.
pub struct WriteTransaction<N> {
    /// The connection on which its statements run.
    pub conn: SqlConn,
    /// Sequence numbers, as last allocated in this transaction.
    pub numbers: N,
}

/// Error type of requests.
pub trait WriteError: From<DbError> + Clone + Display + Send + Sync + 'static {
    /// Returns the underlying database error, if that is the cause.
    fn database(&self) -> Option<&DbError>;
}

/// Context of requests: the open transaction, and in-memory state that follows it.
///
/// Implemented by the crate that owns the writer, so that this crate does not depend on it.
pub trait WriteContext: DerefMut<Target = WriteTransaction<Self::Numbers>> + Send + 'static {
    /// Sequences that are allocated under the write lock.
    type Numbers: SequenceState;
    /// Error type of the requests.
    type Error: WriteError;

    /// Called before each request.
    fn begin_request(&mut self);

    /// Called after a request was rolled back; `numbers` are already restored.
    fn rewind(&mut self);

    /// Called when the transaction is lost; discards all state derived from it.
    fn forget(&mut self);

    /// Called after the commit, before requests are answered.
    fn committed(&mut self);

    /// Called after requests are answered, if the log has grown.
    fn published(&mut self);

    /// Writes something, to find out whether the store is writable.
    fn probe(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Returns the connection when the writer ends.
    fn into_conn(self) -> SqlConn;
}

impl<N: SequenceState> WriteTransaction<N> {
    /// Creates the state for a connection on which no transaction has begun.
    pub fn new(conn: SqlConn) -> Self {
        Self { conn, numbers: N::default() }
    }
}
