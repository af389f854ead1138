//! What serves a store, on either database.

mod database;
mod file;
mod handle;
mod timed;

pub(crate) use self::database::OpenDatabase;
pub(crate) use self::file::OpenFile;
pub(crate) use self::handle::{Engine, Readers};
pub(crate) use self::timed::TimedConn;
