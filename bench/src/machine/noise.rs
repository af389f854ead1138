//! What else the machine did while something was measured.

use std::fs;

use anyhow::{Context as _, Result};

use crate::figures::{float, per};

/// Above these shares of the machine's time, a figure is not to be trusted.
const MOST_FOREIGN: f64 = 0.08;
const MOST_STOLEN: f64 = 0.02;

/// A tick of `/proc/stat`.
const TICK_NS: f64 = 1e7;

/// The machine's time so far, in ticks of all processors together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Spent in processes, system calls included.
    processes: u64,
    /// Taken by the host for other virtual machines.
    stolen: u64,
    all: u64,
}

/// What else was going on.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Noise {
    /// The share of the machine's time that processes of others took.
    pub foreign: f64,
    /// The share that the host took away.
    pub stolen: f64,
}

/// Reads the machine.
pub fn read() -> Result<Reading> {
    let text = fs::read_to_string("/proc/stat")?;
    parse(&text).context("reading /proc/stat")
}

fn parse(text: &str) -> Option<Reading> {
    let fields = text.lines().next()?.strip_prefix("cpu ")?;
    let fields: Vec<u64> = fields.split_whitespace().map(str::parse).collect::<Result<_, _>>().ok()?;
    let [user, nice, system, idle, iowait, irq, softirq, stolen, ..] = *fields else { return None };
    let all = user + nice + system + idle + iowait + irq + softirq + stolen;
    Some(Reading { processes: user + nice + system, stolen, all })
}

impl Reading {
    /// What others did since an earlier reading, of which processes of ours used so much.
    pub fn since(&self, earlier: &Self, ours_ns: u64) -> Noise {
        let all = self.all.saturating_sub(earlier.all);
        let processes = float(self.processes.saturating_sub(earlier.processes));
        let foreign = (processes - float(ours_ns) / TICK_NS).max(0.0);
        Noise { foreign: per(foreign, all), stolen: per(float(self.stolen.saturating_sub(earlier.stolen)), all) }
    }
}

impl Noise {
    /// Whether it was too much for the figures to be trusted.
    pub fn is_too_much(&self) -> bool {
        self.foreign > MOST_FOREIGN || self.stolen > MOST_STOLEN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_ours_is_foreign() {
        let earlier = parse("cpu  100 0 100 1000 0 0 0 0 0 0\ncpu0 1\n").unwrap();
        let now = parse("cpu  150 10 140 1070 10 0 10 10 0 0\n").unwrap();
        let noise = now.since(&earlier, 600_000_000);
        assert!((noise.foreign - 0.2).abs() < 1e-9, "{noise:?}");
        assert!((noise.stolen - 0.05).abs() < 1e-9, "{noise:?}");
        assert!(noise.is_too_much());
        assert!(!now.since(&earlier, 2_000_000_000).foreign.is_sign_negative());
    }

    #[test]
    fn the_machine_can_be_read() {
        assert!(read().is_ok());
        assert_eq!(parse("cpu 1 2"), None);
    }
}
