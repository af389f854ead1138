//! Protocol between a run and its load generators: one JSON object per line, one answer per order.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::tally::Account;
use crate::wire::packet::Audience;

/// An order to a load generator.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Create and connect clients.
    Connect(Connect),
    /// Reconnect clients that were cut, resuming from their last events.
    Reconnect(Pace),
    /// Wait for a total number of distinct events.
    Await {
        /// Audience of the events.
        audience: Audience,
        /// Number of events since the start.
        events: u64,
        /// Timeout in milliseconds.
        deadline_ms: u64,
    },
    /// Return the latencies of all events since the last such order, and discard them.
    Receipts,
    /// Compare received with expected events; clients that never connected are ignored.
    Account {
        /// Audience of the events.
        audience: Audience,
        /// First and last expected number; `None` if no events are expected.
        expected: Option<(u32, u32)>,
        /// Half-open range of clients.
        clients: (usize, usize),
    },
    /// Close all connections at once, without a close frame.
    Cut,
    /// Stop reading on the first clients.
    Stall {
        clients: usize,
    },
    Resume,
    State,
}

/// Clients to be created.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Connect {
    /// Address of the server.
    pub server: SocketAddr,
    /// First source address; further clients use the next addresses, each of which has its own ports.
    pub source: Ipv4Addr,
    /// File with a line per client: cookie, tab, and payload of the CONNECT packet.
    pub credentials: PathBuf,
    /// Number of lines to skip.
    pub skip: usize,
    pub clients: usize,
    pub transport: Transport,
    /// Number of clients, from the first, with a small receive buffer.
    pub small_buffers: usize,
    pub pace: Pace,
}

/// Rate of connecting.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Pace {
    /// Connections started per second; 0 means unlimited.
    pub per_second: f64,
    /// Maximum number of connections in progress.
    pub under_way: usize,
    /// Whether to retry later if the server has no capacity.
    pub retry: bool,
    /// Timeout of the whole order in milliseconds.
    pub deadline_ms: u64,
}

/// Transport of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// WebSocket from the first request.
    WebSocket,
    /// HTTP long-polling.
    Polling,
}

/// An answer of a load generator.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Result of connecting.
    Connected(Connected),
    /// Number of events received by the end of the wait.
    Received(u64),
    /// Latencies of events.
    Receipts(Receipts),
    /// Result of comparing received with expected events.
    Account(Account),
    State(State),
    /// The order failed.
    Failed(String),
}

/// Result of connecting.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Connected {
    /// Time per successful connection in microseconds, from opening the socket to Socket.IO's CONNECT response.
    pub took_us: Vec<u32>,
    /// Number of failures by reason.
    pub failed: BTreeMap<String, u64>,
    /// Monotonic clock at the start of the first and the end of the last connection.
    pub from_ns: u64,
    pub to_ns: u64,
}

/// Latencies from publication to receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipts {
    /// Latencies of events to everyone by number, in tenths of a microsecond.
    pub to_everyone: BTreeMap<u32, Vec<u32>>,
    /// Latencies of other events.
    pub to_some: BTreeMap<u32, Vec<u32>>,
    /// Total size of the events' frames in bytes.
    pub bytes: u64,
    /// Number of receipts that were dropped because there were too many.
    pub left_out: u64,
}

/// Current state of clients.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Number of connected clients.
    pub connected: usize,
    /// Number of stalled clients that the server has not disconnected, as far as is known.
    pub stalled: usize,
    /// Number of connections that ended unexpectedly, by reason.
    pub ended: BTreeMap<String, u64>,
}
