//! The open transaction.

use std::fmt::Display;
use std::ops::DerefMut;

use super::request::BoxFuture;
use crate::error::DbError;
use crate::sql::{Conn, Record};

/// The open transaction.
pub struct Transaction<N> {
    /// Where its statements run.
    pub conn: Conn,
    /// The last numbers that were given out.
    pub numbers: N,
}

/// Numbers that are given out under the lock for writing, in the order of the commits, among them those of a log.
pub trait Numbers: Record + Copy + Default + Sync {
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

/// What a request fails with.
pub trait WriteError: From<DbError> + Clone + Display + Send + Sync + 'static {
    /// The database's error, where it is one.
    fn database(&self) -> Option<&DbError>;
}

/// What requests work with: the open transaction, and what is kept in step with it.
///
/// A type of the writer's owner, so that the writer need not know what that is.
pub trait WriteContext: DerefMut<Target = Transaction<Self::Numbers>> + Send + 'static {
    /// The numbers that it gives out.
    type Numbers: Numbers;
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
    fn probe(&mut self) -> BoxFuture<'_, Result<(), Self::Error>>;

    /// Gives the connection back when nothing more is written.
    fn into_conn(self) -> Conn;
}

impl<N: Numbers> Transaction<N> {
    /// A transaction that is about to begin.
    pub fn new(conn: Conn) -> Self {
        Self { conn, numbers: N::default() }
    }
}
