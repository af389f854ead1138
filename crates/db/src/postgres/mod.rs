//! Postgres: connections, write transactions and notifications.

mod listen;
mod readers;
mod server;
mod transaction;

pub(crate) use self::listen::listen;
pub(crate) use self::readers::Readers;
pub use self::server::Server;
pub(crate) use self::transaction::{begin, commit};
