//! Performance targets.

use super::{Results, Row};
use crate::figures::median;

/// A target: a bound for a figure of one scenario.
pub struct Bar {
    what: &'static str,
    scenario: &'static str,
    key: &'static str,
    of: Of,
    bound: Bound,
    /// Minimum number of clients for which it applies.
    clients: usize,
}

/// The statistic that is compared with the bound.
#[derive(Clone, Copy)]
enum Of {
    Median,
    /// The ratio to another server's figure in the same repeats.
    RatioTo(&'static str),
    Worst,
    /// The shortfall from the requested number of clients.
    Missing,
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// The evaluation of a target.
pub struct Held {
    pub what: String,
    pub measured: String,
    /// The bound.
    pub wanted: String,
    /// Whether the target is met.
    pub is_met: bool,
}

const KIB: f64 = 1024.0;

const BARS: &[Bar] = &[
    bar(
        "CPU per delivery, to the limit's",
        "broadcast",
        "cpu_us_per_delivery",
        Of::RatioTo("limit"),
        at_most(1.25),
        1000,
    ),
    bar(
        "p99 after the first receipt, to the limit's",
        "broadcast",
        "spread_p99_ms",
        Of::RatioTo("limit"),
        at_most(1.2),
        1000,
    ),
    bar("bytes per idle connection", "idle", "later_bytes", Of::Median, at_most(6.0 * KIB), 1000),
    bar(
        "whole process per idle connection, bytes",
        "idle",
        "later_whole_bytes",
        Of::Median,
        at_most(6.0 * KIB),
        10_000,
    ),
    bar("whole process after, bytes", "broadcast", "after_whole_bytes", Of::Median, at_most(8.0 * KIB), 10_000),
    bar("bytes per connection after broadcasts", "broadcast", "after_bytes", Of::Median, at_most(8.0 * KIB), 1000),
    bar("connections that did not come about", "broadcast", "connected", Of::Missing, at_most(0.0), 1000),
    bar("broadcasts lost or wrong", "broadcast", "wrong", Of::Worst, at_most(0.0), 1000),
    bar("set-up CPU, to the limit's", "idle", "setup_cpu_us", Of::RatioTo("limit"), at_most(2.5), 1000),
    bar("set-up CPU, to the limit's", "broadcast", "setup_cpu_us", Of::RatioTo("limit"), at_most(2.5), 1000),
    bar("set-up CPU flat out, to the limit's", "connect", "setup_cpu_us", Of::RatioTo("limit"), at_most(2.5), 1000),
    bar(
        "connections a second, to socketioxide's",
        "connect",
        "connections_per_s",
        Of::RatioTo("socketioxide"),
        at_least(1.0),
        10_000,
    ),
    bar("slowest connecting, ms", "connect", "setup_max_ms", Of::Worst, at_most(200.0), 10_000),
    bar("to one user, p50 ms", "to-one", "some_p50_ms", Of::Median, at_most(3.0), 10_000),
    bar("to one user, p99 ms", "to-one", "some_p99_ms", Of::Median, at_most(15.0), 10_000),
    bar("all replayed after s", "replay", "replayed_s", Of::Worst, at_most(30.0), 10_000),
    bar("replayed, lost or wrong", "replay", "wrong", Of::Worst, at_most(0.0), 10_000),
    bar("peak memory while coming back, to the idle one", "replay", "peak_ratio", Of::Worst, at_most(2.0), 10_000),
    bar("turned away without being told", "full", "not_told", Of::Worst, at_most(0.0), 0),
];

const fn bar(
    what: &'static str,
    scenario: &'static str,
    key: &'static str,
    of: Of,
    bound: Bound,
    clients: usize,
) -> Bar {
    Bar { what, scenario, key, of, bound, clients }
}

const fn at_most(most: f64) -> Bound {
    Bound::AtMost(most)
}

const fn at_least(least: f64) -> Bound {
    Bound::AtLeast(least)
}

/// Evaluates all applicable targets for this project's results.
pub fn hold(results: &Results) -> Vec<Held> {
    let pairs = BARS.iter().flat_map(|bar| results.rows.iter().map(move |row| (bar, row)));
    pairs.filter_map(|(bar, row)| bar.hold(results, row)).collect()
}

impl Bar {
    fn hold(&self, results: &Results, row: &Row) -> Option<Held> {
        if !row.peer.is_superbot() || row.scenario.name != self.scenario || row.clients < self.clients {
            return None;
        }
        let values = row.values(self.key);
        if values.is_empty() {
            return None;
        }
        let worst = || values.iter().copied().reduce(f64::max).unwrap_or(0.0);
        let measured = match self.of {
            Of::Median => median(&values),
            Of::RatioTo(peer) => results.ratio(row, self.key, peer)?,
            Of::Worst => worst(),
            Of::Missing => crate::figures::float(row.clients as u64) - values.iter().copied().reduce(f64::min)?,
        };
        let (is_met, wanted) = match self.bound {
            Bound::AtMost(most) => (measured <= most, format!("at most {}", short(most))),
            Bound::AtLeast(least) => (measured >= least, format!("at least {}", short(least))),
        };
        let what = format!("{}: {}, {} clients, {}", self.scenario, self.what, row.clients, row.peer.name);
        Some(Held { what, measured: short(measured), wanted, is_met })
    }
}

/// Formats a number without insignificant decimals.
fn short(value: f64) -> String {
    if value.fract().abs() < 1e-9 || value.abs() >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bar_names_a_scenario() {
        for bar in BARS {
            assert!(crate::scenarios::Scenario::named(bar.scenario).is_some(), "{}", bar.what);
        }
    }

    #[test]
    fn figures_are_short() {
        assert_eq!([1.25, 6144.0, 12_345.6, 3.0].map(short), ["1.25", "6144", "12346", "3"]);
    }
}
