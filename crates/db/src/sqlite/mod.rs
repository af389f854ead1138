//! SQLite files: creation, connections and detection of other writers.

pub(crate) mod background;
mod connection;
mod file;
mod owner;
mod readers;

pub use self::connection::{OpenOptions, SqliteConnection, run_blocking, send_rows};
pub use self::file::{check_access, create, create_folder, folder_of};
pub(crate) use self::file::{connect, inspect};
pub use self::owner::{file_error, give_to_owner_of};
pub use self::readers::PooledReader;
pub(crate) use self::readers::SqliteReaders;
