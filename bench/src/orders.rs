//! What the run tells its load generators, and what they answer: one JSON object a line, each order with one answer.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::tally::Account;
use crate::wire::packet::Audience;

/// What a load generator is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Make clients and connect them.
    Connect(Connect),
    /// Connect those again that were cut, from where they were.
    Reconnect(Pace),
    /// Wait until so many events have come in all, each counted once.
    Await {
        /// Whom they are for.
        audience: Audience,
        /// How many, since the generator began.
        events: u64,
        /// How long at most.
        deadline_ms: u64,
    },
    /// Hand over the time each event took to each client since the last time that was asked, and forget them.
    Receipts,
    /// Hold what some clients got against what they should have got; those that never connected are left out.
    Account {
        /// Whom the events are for.
        audience: Audience,
        /// The numbers that should have come: first and last; none where nothing should.
        expected: Option<(u32, u32)>,
        /// Which clients: the first, and the one after the last.
        clients: (usize, usize),
    },
    /// Hang up on the servers at once, without a farewell.
    Cut,
    /// Read nothing any more with the first so many clients.
    Stall {
        /// How many.
        clients: usize,
    },
    /// Read again.
    Resume,
    /// Say how things stand.
    State,
}

/// Which clients to make, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connect {
    /// Where the server is.
    pub server: SocketAddr,
    /// Where the first clients come from; so many at a time come from the next address, as each has ports of its own.
    pub source: Ipv4Addr,
    /// A line for each client: its cookie, a tab, and what its CONNECT packet says.
    pub credentials: PathBuf,
    /// Lines of that file that are not for these clients.
    pub skip: usize,
    /// How many clients.
    pub clients: usize,
    /// How they talk to the server.
    pub transport: Transport,
    /// The size that the kernel's receive buffer of the first so many clients is held to.
    pub small_buffers: usize,
    /// How fast.
    pub pace: Pace,
}

/// How fast to connect.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Pace {
    /// Connections begun in a second; 0: as fast as it goes.
    pub per_second: f64,
    /// The most that are under way at once.
    pub under_way: usize,
    /// Whether to try again, a little later, where the server had no room.
    pub retry: bool,
    /// How long it may take in all.
    pub deadline_ms: u64,
}

/// How clients talk to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// WebSocket from the first request on.
    WebSocket,
    /// HTTP long-polling.
    Polling,
}

/// What a load generator answers.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// How the connecting went.
    Connected(Connected),
    /// How many events came, by the end of the wait.
    Received(u64),
    /// How long events took.
    Receipts(Receipts),
    /// What became of the events.
    Account(Account),
    /// How things stand.
    State(State),
    /// Why the order could not be carried out.
    Failed(String),
}

/// How the connecting went.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Connected {
    /// How long each successful one took, from opening the socket to Socket.IO's CONNECT.
    pub took_us: Vec<u32>,
    /// Why others failed, and how many of each.
    pub failed: BTreeMap<String, u64>,
    /// The monotonic clock at the first one's beginning and at the last one's end.
    pub from_ns: u64,
    pub to_ns: u64,
}

/// How long events took from being published to each client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// For each number of an event to everyone, tenths of a microsecond.
    pub to_everyone: BTreeMap<u32, Vec<u32>>,
    /// The same of events to some.
    pub to_some: BTreeMap<u32, Vec<u32>>,
    /// How many bytes an event was as a frame, all of these together.
    pub bytes: u64,
    /// How many receipts were left out, because there were too many.
    pub left_out: u64,
}

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Clients that are connected.
    pub connected: usize,
    /// Of those that read nothing: how many the server has not hung up on, as far as can be told.
    pub stalled: usize,
    /// Connections that ended without having been cut, by why.
    pub ended: BTreeMap<String, u64>,
}
