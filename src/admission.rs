//! Limits on the number of connections: unauthenticated ones share a small budget, and each account has a limit of its own.

mod budgets;
mod gatekeeper;
mod http_connection;
mod limits;
mod members;
mod slots;

pub use budgets::{AdmissionBudgets, ConnectionClaim};
pub use http_connection::HttpConnection;
pub use limits::{ClientLimits, ConnectionCapacity, GUEST_BODY_BYTES, HEAD_BYTES};
pub use members::RequestUnderWay;
pub use slots::{ClientSlot, ClientSlots};
