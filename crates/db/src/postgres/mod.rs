//! Postgres: connections, write transactions and notifications.

mod listen;
mod readers;
mod server;
mod transaction;

pub(crate) use self::listen::listen;
pub(crate) use self::readers::PostgresReaders;
pub use self::server::PostgresServer;
pub(crate) use self::transaction::{begin, commit};
