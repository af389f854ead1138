//! Background workers: each is a periodic step, run by the loop in `worker.rs`.

mod announcer;
mod housekeeping;
mod session_expiry;
pub mod sources;
mod standing;
mod worker;

pub use announcer::Announcer;
pub use housekeeping::Housekeeping;
pub use session_expiry::SessionExpiry;
pub use standing::Standing;
pub use worker::{Worker, start};
