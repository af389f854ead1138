//! Files of SQLite: how they are made and opened, and who else writes to them.

pub(crate) mod background;
mod connection;
mod file;
mod owner;
mod readers;

pub(crate) use self::connection::{Connection, Options, elsewhere, send_rows};
pub(crate) use self::file::{check_access, connect, create, create_folder, folder_of, inspect};
pub(crate) use self::owner::{file_error, give_to_owner_of};
pub(crate) use self::readers::{Reader, Readers};
