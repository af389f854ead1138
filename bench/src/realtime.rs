//! Runs of `cargo xtask bench realtime`, with repeats.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::peers::{PEERS, Peer, Places, setup};
use crate::report::surroundings::{Surroundings, commit, machine, now};
use crate::report::{Results, Row};
use crate::say;
use crate::scenarios::{SCENARIOS, Scale, Scenario, Task};

/// Compare real-time servers on this machine.
#[derive(Args)]
pub struct Realtime {
    /// Servers to compare
    #[arg(long, value_delimiter = ',', default_value = "limit,superbot,superbot-cookie,socketioxide,node")]
    peers: Vec<String>,
    /// Numbers of clients
    #[arg(long, value_delimiter = ',', default_value = "1000,10000")]
    conns: Vec<usize>,
    /// Scenarios to run; all if not given
    #[arg(long, value_delimiter = ',')]
    scenarios: Vec<String>,
    /// Number of repeats
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=100))]
    repeats: u64,
    /// Short functional test, without meaningful figures
    #[arg(long)]
    quick: bool,
    /// Time in minutes after which no further run is started
    #[arg(long, default_value_t = 240)]
    minutes: u64,
    /// Maximum number of clients per server process
    #[arg(long, default_value_t = Scale::FULL.clients_per_server, value_parser = parse_clients)]
    clients_per_server: usize,
    #[command(flatten)]
    places: Places,
    /// Where to write RESULTS.md and results.svg
    #[arg(long, value_name = "DIR", default_value = "bench")]
    out: PathBuf,
}

/// Upper bound of the number of clients on one machine's loopback interface.
const MOST_CLIENTS: usize = 1_000_000;

fn parse_clients(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|clients| (1..=MOST_CLIENTS).contains(clients)).ok_or("1 to 1000000".to_owned())
}

/// One entry of the plan.
struct Planned {
    scenario: &'static Scenario,
    peer: &'static Peer,
    clients: usize,
}

impl Realtime {
    /// Executes the plan, and writes the report after each repeat.
    pub fn run(self) -> Result<()> {
        let peers = chosen(&self.peers, "peer", Peer::named, &PEERS.map(|peer| peer.name))?;
        let names: Vec<&str> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
        let scenarios = if self.scenarios.is_empty() {
            names.iter().map(|name| (*name).to_owned()).collect()
        } else {
            self.scenarios.clone()
        };
        let scenarios = chosen(&scenarios, "scenario", Scenario::named, &names)?;
        if self.conns.iter().any(|clients| !(1..=MOST_CLIENTS).contains(clients)) {
            bail!("--conns takes numbers from 1 to {MOST_CLIENTS}");
        }
        let places = self.places.absolute()?;
        let _lock = setup::claim(&places.work)?;
        let mut versions = setup::prepare(&places, &peers)?;
        versions.extend(commit(&places.peers));
        let scale = if self.quick { Scale::QUICK } else { Scale::FULL };
        let scale = Scale { clients_per_server: self.clients_per_server, ..scale };
        let surroundings = Surroundings {
            began_at: now(),
            machine: machine(&places.work),
            versions,
            scale,
            repeats: usize::try_from(self.repeats)?,
            quick: self.quick,
            left_out: Vec::new(),
        };
        let plan = plan(&scenarios, &peers, &self.conns, &scale);
        let rows = plan.iter().map(|Planned { scenario, peer, clients }| Row {
            scenario,
            peer,
            clients: *clients,
            runs: Vec::new(),
        });
        let mut results = Results { surroundings, rows: rows.collect() };
        self.repeat(&places, &mut results)?;
        say(&format!("the report is in {}", self.out.join("RESULTS.md").display()));
        Ok(())
    }

    fn repeat(&self, places: &Places, results: &mut Results) -> Result<()> {
        let start = Instant::now();
        let limit = Duration::from_secs(self.minutes * 60);
        let scale = results.surroundings.scale;
        for repeat in 1..=self.repeats {
            for row in &mut results.rows {
                let name = format!("{} with {}, {} clients", row.scenario.name, row.peer.name, row.clients);
                if start.elapsed() > limit {
                    results.surroundings.left_out.push(format!("{name}, repeat {repeat}: the time was up"));
                    continue;
                }
                say(&format!("[{repeat}/{}] {name}", self.repeats));
                let task = Task { places, peer: row.peer, clients: row.clients, scale: &scale };
                let run = (row.scenario.run)(&task).map_err(|error| format!("{error:#}"));
                say(&told(row.scenario, &run));
                row.runs.push(run);
            }
            results.write(&self.out)?;
        }
        Ok(())
    }
}

/// Returns the runs of one repeat; peers alternate, so that they are measured under the same conditions.
fn plan(scenarios: &[&'static Scenario], peers: &[&'static Peer], conns: &[usize], scale: &Scale) -> Vec<Planned> {
    let mut plan = Vec::new();
    for scenario in scenarios {
        let fixed = scenario.clients.map(|clients| [clients(scale)]);
        let conns = fixed.as_ref().map_or(conns, |fixed| &fixed[..]);
        for clients in conns {
            let fit = peers.iter().filter(|peer| (scenario.suits)(peer) && *clients <= peer.most_connections);
            plan.extend(fit.map(|peer| Planned { scenario, peer, clients: *clients }));
        }
    }
    plan
}

/// Selects items by name, in the order of the whole list.
fn chosen<T>(
    wanted: &[String],
    what: &str,
    find: impl Fn(&str) -> Option<&'static T>,
    all: &[&'static str],
) -> Result<Vec<&'static T>> {
    if let Some(unknown) = wanted.iter().find(|name| find(name).is_none()) {
        bail!("there is no {what} {unknown:?}; there are {}", all.join(", "));
    }
    Ok(all.iter().filter(|name| wanted.iter().any(|wanted| wanted == *name)).filter_map(|name| find(name)).collect())
}

/// Summarizes a run for the terminal.
fn told(scenario: &Scenario, run: &crate::report::Run) -> String {
    match run {
        Ok(sample) => {
            let figures = scenario.columns.iter().filter_map(|column| {
                let value = sample.figures.get(column.key)?;
                Some(format!("{} {value:.*}", column.heading, column.decimals))
            });
            let figures: Vec<String> = figures.collect();
            let noise = if sample.noise.is_too_much() {
                let foreign = sample.noise.foreign * 100.0;
                let stolen = sample.noise.stolen * 100.0;
                format!("\n    noisy: {foreign:.0} % others, {stolen:.1} % stolen")
            } else {
                String::new()
            };
            let remarks: Vec<&str> = sample.remarks.iter().flat_map(|remark| ["\n    ", remark]).collect();
            format!("    {}{noise}{}", figures.join(" | "), remarks.concat())
        }
        Err(why) => format!("    came to nothing: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_exist_is_named() {
        let names = PEERS.map(|peer| peer.name);
        let wanted = ["node".to_owned(), "limit".to_owned()];
        let found = chosen(&wanted, "peer", Peer::named, &names).unwrap();
        assert_eq!(found.iter().map(|peer| peer.name).collect::<Vec<_>>(), ["limit", "node"]);
        let error = chosen(&["deno".to_owned()], "peer", Peer::named, &names).err().unwrap();
        assert!(error.to_string().contains("deno"));
    }

    #[test]
    fn a_peer_is_spared_what_it_cannot_do() {
        let scenario = |name| Scenario::named(name).unwrap();
        let peers = [Peer::named("limit").unwrap(), Peer::named("flask-threading").unwrap()];
        let plan =
            plan(&[scenario("broadcast"), scenario("replay"), scenario("full")], &peers, &[1000, 10_000], &Scale::FULL);
        let lines: Vec<_> = plan.iter().map(|line| (line.scenario.name, line.peer.name, line.clients)).collect();
        let broadcast = ["limit", "flask-threading", "limit"].iter().zip([1000, 1000, 10_000]);
        let mut expected: Vec<_> = broadcast.map(|(peer, clients)| ("broadcast", *peer, clients)).collect();
        expected.push(("full", "flask-threading", 1500));
        assert_eq!(lines, expected);
    }
}
