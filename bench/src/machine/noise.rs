//! Other activity on the machine during a measurement.

use std::fs;

use anyhow::{Context as _, Result};

use crate::figures::{float, per};

/// Shares of the machine's CPU time above which figures are unreliable.
const MOST_FOREIGN: f64 = 0.08;
const MOST_STOLEN: f64 = 0.02;

/// Tick of `/proc/stat` in nanoseconds.
const TICK_NS: f64 = 1e7;

/// CPU time of the machine so far, in ticks over all processors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Used by processes, including system calls.
    processes: u64,
    /// Stolen by the hypervisor for other virtual machines.
    stolen: u64,
    all: u64,
}

/// Other activity during a measurement.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Noise {
    /// Share of the CPU time used by unrelated processes.
    pub foreign: f64,
    /// Share of the CPU time stolen by the hypervisor.
    pub stolen: f64,
}

/// Reads the machine's counters.
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
    /// Returns the activity since an earlier reading, other than the `ours_ns` used by our processes.
    pub fn since(&self, earlier: &Self, ours_ns: u64) -> Noise {
        let all = self.all.saturating_sub(earlier.all);
        let processes = float(self.processes.saturating_sub(earlier.processes));
        let foreign = (processes - float(ours_ns) / TICK_NS).max(0.0);
        Noise { foreign: per(foreign, all), stolen: per(float(self.stolen.saturating_sub(earlier.stolen)), all) }
    }
}

impl Noise {
    /// Returns whether the figures are unreliable.
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
