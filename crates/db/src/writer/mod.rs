//! The one writer, which commits many requests at once.
//!
//! A commit waits for the disk, and that takes far longer than the work. So whatever queued while the last commit was under
//! way goes into one transaction; each request in its own savepoint, so that one that fails takes none of its neighbours along.
//!
//! From its beginning to its commit a transaction holds the store's one lock for writing. So whoever writes knows the numbers
//! that come next, and gives them out in the order of the commits: a reader who has seen an event will never find an earlier
//! one that was not there before.

mod commit;
mod request;
mod transaction;

pub(crate) use self::commit::{CommitWriter, ReconnectPolicy};
pub(crate) use self::request::{WriteJob, WriteRequest};
pub use self::request::{WriteWork, WriteWorkOn};
pub use self::transaction::{WriteContext, WriteError, WriteTransaction};
pub use crate::sequences::SequenceState;
