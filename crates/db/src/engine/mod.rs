//! Database engine: readers, writer and background tasks for both back ends.

mod database;
mod file;
mod handle;
mod timed;

pub use self::database::OpenDatabase;
pub use self::file::OpenFile;
pub use self::handle::DatabaseEngine;
pub use self::timed::TimedConn;
pub use crate::transaction_event::OthersWrote;
