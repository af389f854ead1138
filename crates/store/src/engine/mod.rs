//! What serves a store, on either database.

mod database;
mod file;
mod handle;

pub(crate) use self::database::OpenDatabase;
pub(crate) use self::file::OpenFile;
pub(crate) use self::handle::{Engine, Readers, SearchReader};
