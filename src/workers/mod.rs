//! Work that is done now and then: each worker is a step and the loop of `worker.rs`.

mod announcer;
mod housekeeping;
mod reindexing;
mod session_expiry;
pub mod sources;
mod standing;
mod worker;

pub use announcer::Announcer;
pub use housekeeping::Housekeeping;
pub use reindexing::Reindexing;
pub use session_expiry::SessionExpiry;
pub use standing::Standing;
pub use worker::{Worker, start};
