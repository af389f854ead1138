//! Interface for tools that work on a whole store without its writer: copies, backups and restores.
//!
//! They use connections of their own, on a store that no process has open for writing or on a snapshot. These are the
//! only internals they may use; they read and write rows according to the schema found in the database.

pub use crate::address::StoreAddress;
pub use crate::existing::{connect_existing, no_store};
pub use crate::listings::words::{index_batch, last_indexed};
pub use crate::meta::{COPY_OF, EPOCH, new_epoch, read as read_meta, replace as write_meta};
pub use crate::migrations::{applied as schema_version, latest as latest_schema, migrate};
pub use crate::opening::refuse_unusable;
