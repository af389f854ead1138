//! Background workers: each is a periodic step, run by the loop in `worker.rs`.

mod announcer;
mod housekeeping;
mod reindexing;
mod session_expiry;
pub mod sources;
mod standing_queries;
mod worker;

pub use announcer::PresenceAnnouncer;
pub use housekeeping::PruneWorker;
pub use reindexing::Reindexing;
pub use session_expiry::SessionExpiry;
pub use standing_queries::StandingQueryWorker;
pub use worker::{PeriodicWorker, start};
