//! Scenarios, one per file; each run uses a fresh server and fresh clients.

mod broadcast;
mod connect;
mod full;
mod idle;
mod mixed;
mod polling;
mod replay;
mod rooms;
mod sample;
mod slow;
mod to_one;
mod world;

use std::time::Duration;

use anyhow::Result;

use crate::peers::{Kind, Peer, Places};
pub use sample::Sample;

pub struct Scenario {
    /// Name on the command line and in the report.
    pub name: &'static str,
    /// Description for the report.
    pub about: &'static str,
    /// Columns of its table.
    pub columns: &'static [Column],
    /// Whether a server supports it.
    pub suits: fn(&Peer) -> bool,
    /// Number of clients, if it is not the requested one.
    pub clients: Option<fn(&Scale) -> usize>,
    pub run: fn(&Task<'_>) -> Result<Sample>,
}

/// A column of the report.
pub struct Column {
    /// Key of the figure.
    pub key: &'static str,
    /// Heading with unit.
    pub heading: &'static str,
    pub decimals: usize,
    /// Whether the ratio to the limit is shown as well.
    pub ratio: bool,
}

/// One run to be made.
pub struct Task<'a> {
    /// Paths.
    pub places: &'a Places,
    pub peer: &'static Peer,
    pub clients: usize,
    /// Durations and counts.
    pub scale: &'a Scale,
}

/// Durations and counts of a run.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub broadcasts: u32,
    pub beat: Duration,
    /// Duration of the idle scenario in seconds; longer than the ping interval of 25 s.
    pub idle_seconds: u64,
    /// Number of events to one user.
    pub to_one: u32,
    /// Number of events missed before a replay.
    pub missed: u32,
    /// Duration in seconds for which some clients do not read; longer than the write deadline.
    pub slow_seconds: u32,
    /// Duration of ingestion in seconds.
    pub mixed_seconds: u32,
    /// Limit on open files of a server that is to run out of descriptors.
    pub few_descriptors: u64,
    /// Clients per server process, since many machines limit a process to 20,000 descriptors.
    pub clients_per_server: usize,
    /// Maximum connections in progress when connecting is measured.
    pub under_way: usize,
    /// The same when all clients reconnect at once.
    pub coming_back: usize,
}

impl Scale {
    /// Scale for published figures.
    pub const FULL: Self = Self {
        broadcasts: 10,
        beat: Duration::from_secs(1),
        idle_seconds: 27,
        to_one: 300,
        missed: 100,
        slow_seconds: 30,
        mixed_seconds: 10,
        few_descriptors: 1200,
        clients_per_server: 19_000,
        under_way: 200,
        coming_back: 1000,
    };

    /// Scale for functional tests.
    pub const QUICK: Self = Self {
        broadcasts: 5,
        beat: Duration::from_millis(200),
        idle_seconds: 3,
        to_one: 30,
        missed: 20,
        slow_seconds: 3,
        mixed_seconds: 2,
        few_descriptors: 400,
        ..Self::FULL
    };
}

/// All scenarios, in the order of runs and report.
pub const SCENARIOS: &[&Scenario] = &[
    &idle::IDLE,
    &broadcast::BROADCAST,
    &connect::CONNECT,
    &to_one::TO_ONE,
    &rooms::ROOMS,
    &replay::REPLAY,
    &slow::SLOW,
    &polling::POLLING,
    &mixed::MIXED,
    &full::FULL,
];

impl Scenario {
    /// Returns a scenario by name.
    pub fn named(name: &str) -> Option<&'static Self> {
        SCENARIOS.iter().find(|scenario| scenario.name == name).copied()
    }
}

fn everyone(_: &Peer) -> bool {
    true
}

fn superbot_only(peer: &Peer) -> bool {
    peer.is_superbot()
}

/// Returns whether it is a complete server, rather than a loop of writes.
fn real_servers(peer: &Peer) -> bool {
    peer.kind != Kind::Limit
}

const fn column(key: &'static str, heading: &'static str, decimals: usize) -> Column {
    Column { key, heading, decimals, ratio: false }
}

/// A column with the ratio to the limit.
const fn against_limit(key: &'static str, heading: &'static str, decimals: usize) -> Column {
    Column { key, heading, decimals, ratio: true }
}
