//! Cost of sharing a store: one server on SQLite, one on Postgres, and several on Postgres, under the same load.

mod report;
mod stage;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::machine::noise::Noise;
use crate::peers::{Peer, Places, setup};
use crate::report::surroundings::{commit, machine, now};
use crate::say;
use stage::Stage;

/// Measure several servers over one store.
#[derive(Args)]
pub struct Nodes {
    /// Number of repeats
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    repeats: u64,
    /// Duration of each load in seconds
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Number of concurrent publishers
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=1000))]
    publishers: u64,
    #[command(flatten)]
    places: Places,
    /// Where to write RESULTS-NODES.md
    #[arg(long, value_name = "DIR", default_value = "bench")]
    out: PathBuf,
}

/// Database and number of servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Setup {
    pub(super) name: &'static str,
    pub(super) postgres: bool,
    pub(super) nodes: usize,
}

const SETUPS: [Setup; 3] = [
    Setup { name: "SQLite, 1 node", postgres: false, nodes: 1 },
    Setup { name: "Postgres, 1 node", postgres: true, nodes: 1 },
    Setup { name: "Postgres, 3 nodes", postgres: true, nodes: 3 },
];

/// Figures of one setup by key, one value per repeat.
#[derive(Default)]
pub(super) struct Row {
    pub(super) figures: BTreeMap<&'static str, Vec<f64>>,
    pub(super) noise: Vec<Noise>,
    pub(super) remarks: Vec<String>,
}

/// All figures.
pub(super) struct Results {
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<(Setup, Row)>,
}

impl Nodes {
    /// Executes all runs, and writes the report after each repeat.
    pub fn run(self) -> Result<()> {
        let places = self.places.absolute()?;
        let _claim = setup::claim(&places.work)?;
        let peer = Peer::named("superbot").context("this project's server")?;
        let mut versions = setup::prepare(&places, &[peer])?;
        versions.push(("Postgres".to_owned(), setup::output("postgres", &["--version"]).unwrap_or_default()));
        versions.extend(commit(&places.peers));
        let publishers = self.publishers;
        let seconds = self.seconds;
        let repeats = self.repeats;
        let mut head = vec![format!(
            "begun {}, {repeats} repeats of {seconds} s each, medians with the lowest and highest",
            now()
        )];
        head.push(format!("{publishers} publishers at the same time, each as fast as it is answered"));
        head.extend(machine(&places.work));
        head.extend(versions.into_iter().map(|(name, version)| format!("{name} {version}")));
        let rows = SETUPS.map(|setup| (setup, Row::default())).into();
        let mut results = Results { head, rows };
        for repeat in 1..=repeats {
            for (setup, row) in &mut results.rows {
                say(&format!("[{repeat}/{repeats}] {}", setup.name));
                Stage::set(&places, peer, *setup)?.play(publishers, Duration::from_secs(seconds), row)?;
                let last = row.figures.iter().filter_map(|(key, values)| Some((key, values.last()?)));
                let last: Vec<String> = last.map(|(key, value)| format!("{key} {value:.2}")).collect();
                say(&format!("    {}", last.join(" | ")));
            }
            results.write(&self.out)?;
        }
        say(&format!("the report is in {}", self.out.join(report::FILE).display()));
        Ok(())
    }
}
