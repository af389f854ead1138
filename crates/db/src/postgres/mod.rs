//! Databases of Postgres: how they are connected to, written to, and listened to.

mod listen;
mod readers;
mod server;
mod transaction;

pub(crate) use self::listen::listen;
pub(crate) use self::readers::PostgresReaders;
pub use self::server::PostgresServer;
pub(crate) use self::transaction::{begin, commit};
