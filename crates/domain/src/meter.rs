//! Rate limits: a generic cell rate algorithm, eight bytes for each that is limited.

use std::time::Duration;

use crate::Timestamp;

/// How much is allowed: `burst` at once, refilled evenly over `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    burst: u32,
    per: Duration,
}

impl Quota {
    /// `count` every second, all of which may come at once; 0 means without limit.
    pub fn per_second(count: u32) -> Self {
        Self { burst: count, per: Duration::from_secs(1) }
    }

    /// `count` every minute, all of which may come at once; 0 means without limit.
    pub fn per_minute(count: u32) -> Self {
        Self { burst: count, per: Duration::from_mins(1) }
    }

    /// Whether there is a limit at all.
    pub fn is_limited(self) -> bool {
        self.burst > 0
    }

    fn per_us(self) -> i64 {
        i64::try_from(self.per.as_micros()).unwrap_or(i64::MAX)
    }

    /// What one takes from the allowance.
    fn cost_us(self) -> i64 {
        self.per_us() / i64::from(self.burst.max(1))
    }
}

/// The state of one limited thing: eight bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meter {
    /// When the allowance is whole again, in microseconds since the epoch.
    full_at_us: i64,
}

impl Meter {
    /// Whether one more is allowed now; if not, how long to wait.
    pub fn check(&self, quota: Quota, now: Timestamp) -> Result<(), Duration> {
        if !quota.is_limited() {
            return Ok(());
        }
        let full_at = self.full_at_us.max(now.as_microsecond());
        let wait_us = full_at + quota.cost_us() - now.as_microsecond() - quota.per_us();
        match u64::try_from(wait_us) {
            Ok(wait_us) if wait_us > 0 => Err(Duration::from_micros(wait_us)),
            _ => Ok(()),
        }
    }

    /// Takes one from the allowance.
    pub fn charge(&mut self, quota: Quota, now: Timestamp) {
        self.full_at_us = self.full_at_us.max(now.as_microsecond()) + quota.cost_us();
    }

    /// Gives back what one took from it.
    pub fn give_back(&mut self, quota: Quota) {
        self.full_at_us -= quota.cost_us();
    }

    /// Whether all of the allowance is there.
    pub fn is_whole(&self, now: Timestamp) -> bool {
        self.full_at_us <= now.as_microsecond()
    }

    /// When it is, in microseconds since the epoch: all that there is to keep of it.
    pub fn full_at_us(&self) -> i64 {
        self.full_at_us
    }

    /// One that was kept.
    pub fn of(full_at_us: i64) -> Self {
        Self { full_at_us }
    }

    /// Checks and, where allowed, charges.
    pub fn take(&mut self, quota: Quota, now: Timestamp) -> Result<(), Duration> {
        self.check(quota, now).inspect(|()| self.charge(quota, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(us: i64) -> Timestamp {
        Timestamp::from_microsecond(1_700_000_000_000_000 + us).unwrap()
    }

    #[test]
    fn a_burst_passes_then_one_waits_for_its_share() {
        let mut meter = Meter::default();
        let quota = Quota::per_second(10);
        for _ in 0..10 {
            meter.take(quota, at(0)).unwrap();
        }
        assert_eq!(meter.take(quota, at(0)), Err(Duration::from_millis(100)));
        meter.take(quota, at(100_000)).unwrap();
        assert!(meter.take(quota, at(100_001)).is_err());
    }

    #[test]
    fn nought_means_without_limit() {
        let mut meter = Meter::default();
        for _ in 0..1000 {
            meter.take(Quota::per_second(0), at(0)).unwrap();
        }
    }

    proptest! {
        /// In any window as long as the period, no more than twice the burst passes, and
        /// whoever waits as long as told is let through.
        #[test]
        fn never_more_than_allowed(gaps in prop::collection::vec(0i64..400_000, 1..200), burst in 1u32..20) {
            let quota = Quota::per_second(burst);
            let mut meter = Meter::default();
            let (mut now, mut passed) = (0i64, Vec::new());
            for gap in gaps {
                now += gap;
                match meter.take(quota, at(now)) {
                    Ok(()) => passed.push(now),
                    Err(wait) => {
                        let wait = i64::try_from(wait.as_micros()).unwrap();
                        prop_assert!(meter.check(quota, at(now + wait)).is_ok());
                    }
                }
            }
            for (index, start) in passed.iter().enumerate() {
                let within = passed[index..].iter().take_while(|t| **t < start + 1_000_000).count();
                prop_assert!(within <= 2 * burst as usize);
            }
        }
    }
}
