//! What programs need that work on a whole store beside its writer: copies, backups, and restoring them.
//!
//! They work with connections of their own, on a store that nobody else has open for writing, or on a snapshot of one. This
//! is all of the store's inside that they may use; rows they read and write by the schema that is there.

pub use crate::address::StoreAddress;
pub use crate::existing::{connect_existing, no_store};
pub use crate::listings::words::{index_batch, last_indexed};
pub use crate::meta::{COPY_OF, EPOCH, new_epoch, read as read_meta, refuse_unfinished, replace as write_meta};
pub use crate::migrations::{applied as schema_version, latest as latest_schema, migrate};
