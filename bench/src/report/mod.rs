//! What was measured, put together and written down.

pub mod bars;
mod chart;
mod markdown;
pub mod surroundings;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::figures::median;
use crate::peers::Peer;
use crate::scenarios::{Sample, Scenario};
use surroundings::Surroundings;

/// All that was measured.
pub struct Results {
    /// Where and with what.
    pub surroundings: Surroundings,
    /// A row for each scenario, number of clients and peer, in the order of the report.
    pub rows: Vec<Row>,
}

/// The runs of one scenario with one peer and one number of clients.
pub struct Row {
    /// What was done.
    pub scenario: &'static Scenario,
    /// With which server.
    pub peer: &'static Peer,
    /// With how many clients.
    pub clients: usize,
    /// One for each repeat, as far as it succeeded.
    pub runs: Vec<Run>,
}

/// One run: what it came to, or why it came to nothing.
pub type Run = Result<Sample, String>;

impl Row {
    /// A figure of every run that has it.
    pub fn values(&self, key: &str) -> Vec<f64> {
        self.samples().filter_map(|sample| sample.figures.get(key).copied()).collect()
    }

    /// Runs that came to something.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.runs.iter().filter_map(|run| run.as_ref().ok())
    }

    /// How many runs had too much else going on.
    pub fn noisy(&self) -> usize {
        self.samples().filter(|sample| sample.noise.is_too_much()).count()
    }
}

impl Results {
    /// The runs of another peer under the same conditions.
    pub fn beside(&self, row: &Row, peer: &str) -> Option<&Row> {
        self.rows.iter().find(|other| {
            other.peer.name == peer && other.scenario.name == row.scenario.name && other.clients == row.clients
        })
    }

    /// The median of a figure's ratio to another peer's, repeat by repeat; both ran within the same minutes.
    pub fn ratio(&self, row: &Row, key: &str, peer: &str) -> Option<f64> {
        let other = self.beside(row, peer)?;
        let figure = |run: &Run| run.as_ref().ok()?.figures.get(key).copied();
        let pairs = row.runs.iter().zip(&other.runs);
        let ratios = pairs.filter_map(|(ours, theirs)| {
            let ours = figure(ours)?;
            let theirs = figure(theirs)?;
            (theirs > 0.0).then_some(ours / theirs)
        });
        let ratios: Vec<f64> = ratios.collect();
        (!ratios.is_empty()).then(|| median(&ratios))
    }

    /// Writes the report and its chart into a folder.
    pub fn write(&self, folder: &Path) -> Result<()> {
        fs::create_dir_all(folder)?;
        let report = folder.join("RESULTS.md");
        fs::write(&report, markdown::write(self)).with_context(|| format!("writing {}", report.display()))?;
        if let Some(chart) = chart::draw(self) {
            fs::write(folder.join("results.svg"), chart)?;
        }
        Ok(())
    }
}
