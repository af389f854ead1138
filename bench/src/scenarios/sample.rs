//! Figures of one run.

use std::collections::BTreeMap;

use crate::figures::{float, per, percentile, sorted};
use crate::machine::noise::Noise;
use crate::orders::{Connected, Receipts};
use crate::tally::Account;

/// Figures of one run.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    /// Values by key.
    pub figures: BTreeMap<&'static str, f64>,
    /// Remarks on anything unexpected.
    pub remarks: Vec<String>,
    /// Other activity on the machine.
    pub noise: Noise,
}

impl Sample {
    pub fn set(&mut self, key: &'static str, value: f64) {
        self.figures.insert(key, value);
    }

    /// Adds the figures of connecting.
    pub fn connected(&mut self, connected: &Connected, cpu_ns: u64) {
        let count = connected.took_us.len() as u64;
        let took = sorted(connected.took_us.iter().map(|took| f64::from(*took) / 1000.0).collect());
        self.set("connected", float(count));
        self.set("refused", float(connected.failed.values().sum()));
        self.set("setup_cpu_us", per(float(cpu_ns) / 1000.0, count));
        self.set("setup_p50_ms", percentile(&took, 50.0));
        self.set("setup_p99_ms", percentile(&took, 99.0));
        self.set("setup_max_ms", percentile(&took, 100.0));
        let seconds = float(connected.to_ns.saturating_sub(connected.from_ns)) / 1e9;
        self.set("connections_per_s", if seconds > 0.0 { float(count) / seconds } else { 0.0 });
        for (why, count) in &connected.failed {
            self.remarks.push(format!("{count} not connected: {why}"));
        }
    }

    /// Adds the latencies of events to everyone.
    pub fn latencies(&mut self, receipts: &Receipts) {
        let whole = receipts.to_everyone.values().flatten();
        let whole = sorted(whole.map(|tenths| milliseconds(*tenths)).collect());
        self.set("p50_ms", percentile(&whole, 50.0));
        self.set("p90_ms", percentile(&whole, 90.0));
        self.set("p99_ms", percentile(&whole, 99.0));
        self.set("max_ms", percentile(&whole, 100.0));
        let spread = sorted(since_first(&receipts.to_everyone));
        self.set("spread_p50_ms", percentile(&spread, 50.0));
        self.set("spread_p99_ms", percentile(&spread, 99.0));
        self.set("event_bytes", per(float(receipts.bytes), whole.len() as u64));
    }

    /// Adds the latencies of other events.
    pub fn latencies_to_some(&mut self, receipts: &Receipts) {
        let took = receipts.to_some.values().flatten();
        let took = sorted(took.map(|tenths| milliseconds(*tenths)).collect());
        self.set("some_p50_ms", percentile(&took, 50.0));
        self.set("some_p99_ms", percentile(&took, 99.0));
        self.set("some_max_ms", percentile(&took, 100.0));
    }

    /// Adds the comparison of received with expected events.
    pub fn account(&mut self, account: &Account) {
        let wrong = account.lost + account.doubled + account.out_of_order + account.stray;
        *self.figures.entry("deliveries").or_default() += float(account.received);
        *self.figures.entry("wrong").or_default() += float(wrong);
        if !account.is_perfect() {
            let Account { expected, lost, doubled, out_of_order, stray, .. } = account;
            self.remarks.push(format!(
                "of {expected} deliveries {lost} lost, {doubled} doubled, {out_of_order} out of order; {stray} to others"
            ));
        }
    }
}

/// Returns how much later than the first client each client received an event: the fan-out without what precedes it.
fn since_first(took: &BTreeMap<u32, Vec<u32>>) -> Vec<f64> {
    let spread = took.values().flat_map(|took| {
        let first = took.iter().min().copied().unwrap_or(0);
        took.iter().map(move |tenths| milliseconds(tenths - first))
    });
    spread.collect()
}

fn milliseconds(tenths_of_a_microsecond: u32) -> f64 {
    f64::from(tenths_of_a_microsecond) / 10_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_what_comes_after_the_first() {
        let took = BTreeMap::from([(1, vec![30_000, 10_000, 20_000]), (2, vec![50_000])]);
        assert_eq!(since_first(&took), [2.0, 0.0, 1.0, 0.0]);
    }

    #[test]
    fn what_went_wrong_is_said() {
        let mut sample = Sample::default();
        sample.account(&Account { expected: 3, received: 3, ..Account::default() });
        assert!(sample.remarks.is_empty());
        sample.account(&Account { expected: 3, received: 2, lost: 1, ..Account::default() });
        assert_eq!((sample.figures["deliveries"], sample.figures["wrong"]), (5.0, 1.0));
        assert_eq!(sample.remarks.len(), 1);
    }
}
