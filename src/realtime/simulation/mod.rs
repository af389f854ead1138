//! A deterministic simulation of hubs over one log, and of clients that lose their connections.
//!
//! The hub, the tail, replays, the Socket.IO server and the event streams are the real ones. The store is a model
//! (`crate::records::simulated`), connections are pipes in memory, time passes when nothing is left to be done, and all
//! chance comes from a seed. Whatever happens, each client hears everything that it is entitled to, once and in order.

mod client;
mod faults;
mod line;
mod node;
mod oracle;
mod tests;
mod world;
mod writers;

use crate::records::simulated::Flaw;

/// Something that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bug {
    /// In the log.
    Log(Flaw),
    /// Clients do not say what they have seen.
    ForgetfulClients,
}
