//! The single writer, which commits many requests at once.
//!
//! A commit waits for the disk, which takes far longer than the work. All requests that queue up during one commit
//! therefore share the next transaction. Each runs in its own savepoint, so that a failing request does not affect the
//! others.
//!
//! A transaction holds the store's only write lock from beginning to commit. Its sequence numbers are therefore
//! allocated in commit order: a reader that has seen an event never finds an earlier one that was not visible before.

mod commit;
mod request;
mod transaction;

pub(crate) use self::commit::{CommitWriter, ReconnectPolicy};
pub(crate) use self::request::{WriteJob, WriteRequest};
pub use self::request::{WriteWork, WriteWorkOn};
pub use self::transaction::{WriteContext, WriteError, WriteTransaction};
pub use crate::sequences::SequenceState;
