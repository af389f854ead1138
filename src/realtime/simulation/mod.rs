//! A deterministic simulation of hubs over one log, and of clients that lose their connections.
//!
//! The hub, the tail, replays, the Socket.IO server and event streams are the real ones. The store is a model
//! (`crate::records::simulated`), connections are in-memory pipes, time advances when all tasks are idle, and all randomness
//! comes from a seed. Under all faults each client must receive everything it is entitled to, once and in order.

mod client;
mod faults;
mod line;
mod node;
mod oracle;
mod tests;
mod world;
mod writers;

use crate::records::simulated::Flaw;

/// An intentional bug, which the simulation has to detect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    Log(Flaw),
    /// Clients that do not send their cursor.
    ForgetfulClients,
}
