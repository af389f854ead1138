//! Collected results and their report.

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

pub struct Results {
    /// Machine and software.
    pub surroundings: Surroundings,
    /// A row per scenario, number of clients and server, in the order of the report.
    pub rows: Vec<Row>,
}

/// The runs of one scenario with one server and number of clients.
pub struct Row {
    pub scenario: &'static Scenario,
    pub peer: &'static Peer,
    pub clients: usize,
    /// Results of the repeats.
    pub runs: Vec<Run>,
}

/// Result of a run: its figures, or the reason of its failure.
pub type Run = Result<Sample, String>;

impl Row {
    /// Returns a figure's values over all runs.
    pub fn values(&self, key: &str) -> Vec<f64> {
        self.samples().filter_map(|sample| sample.figures.get(key).copied()).collect()
    }

    /// Returns the successful runs.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.runs.iter().filter_map(|run| run.as_ref().ok())
    }

    /// Returns the number of runs with too much other activity.
    pub fn noisy(&self) -> usize {
        self.samples().filter(|sample| sample.noise.is_too_much()).count()
    }
}

impl Results {
    /// Returns the row of another server under the same conditions.
    pub fn beside(&self, row: &Row, peer: &str) -> Option<&Row> {
        self.rows.iter().find(|other| {
            other.peer.name == peer && other.scenario.name == row.scenario.name && other.clients == row.clients
        })
    }

    /// Returns the median of the ratios to another server's figure, by repeat, as both ran within the same minutes.
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

    /// Writes report and chart to a folder.
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
