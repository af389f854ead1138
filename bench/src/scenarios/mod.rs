//! What is measured: one file for each scenario, each a fresh server and fresh clients.

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

/// Something that is measured.
pub struct Scenario {
    /// Its name on the command line and in the report.
    pub name: &'static str,
    /// What is done, for the report.
    pub about: &'static str,
    /// What is shown of it: the figure's key, its heading, its decimals.
    pub columns: &'static [Column],
    /// Whether a peer can do it at all.
    pub suits: fn(&Peer) -> bool,
    /// How many clients there are, where that follows from something else than what was asked for.
    pub clients: Option<fn(&Scale) -> usize>,
    /// Does it once.
    pub run: fn(&Task<'_>) -> Result<Sample>,
}

/// A column of the report.
pub struct Column {
    /// The figure's key.
    pub key: &'static str,
    /// Its heading, with the unit.
    pub heading: &'static str,
    /// How many decimals make sense.
    pub decimals: usize,
    /// Whether its ratio to the limit's is shown too.
    pub ratio: bool,
}

/// One measurement to be made.
pub struct Task<'a> {
    /// Where things are.
    pub places: &'a Places,
    /// What is measured.
    pub peer: &'static Peer,
    /// With how many clients.
    pub clients: usize,
    /// How long and how often.
    pub scale: &'a Scale,
}

/// How long and how often things are done.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Broadcasts in a run.
    pub broadcasts: u32,
    /// The time between two of them.
    pub beat: Duration,
    /// How long idle clients are watched; more than the 25 s between two pings.
    pub idle_seconds: u64,
    /// Events to one user.
    pub to_one: u32,
    /// Events missed before a replay.
    pub missed: u32,
    /// How long some read nothing; more than the write deadline.
    pub slow_seconds: u32,
    /// How long listings are taken in.
    pub mixed_seconds: u32,
    /// The limit of open files of a server that is to be full.
    pub few_descriptors: u64,
    /// More clients than this get another server: one process may have 20,000 descriptors on many machines.
    pub clients_per_server: usize,
    /// Connections under way at most when it is about how fast that goes.
    pub under_way: usize,
    /// The same when all come back at once.
    pub coming_back: usize,
}

impl Scale {
    /// What figures are taken from.
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

    /// What only shows that everything works.
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

/// All scenarios, in the order in which they run and are reported.
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
    /// The scenario of that name.
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

/// Those that are more than a loop of writes.
fn real_servers(peer: &Peer) -> bool {
    peer.kind != Kind::Limit
}

const fn column(key: &'static str, heading: &'static str, decimals: usize) -> Column {
    Column { key, heading, decimals, ratio: false }
}

/// A column whose ratio to the limit's is what counts.
const fn against_limit(key: &'static str, heading: &'static str, decimals: usize) -> Column {
    Column { key, heading, decimals, ratio: true }
}
