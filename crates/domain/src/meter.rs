//! Rate limiting with the generic cell rate algorithm (GCRA), in eight bytes per limited key.

use std::time::Duration;

use crate::time::{CLOCK_SKEW, Timestamp};

/// A rate limit: `burst` uses at once, replenished evenly over `per`. A burst of 0 means unlimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageQuota {
    burst: u32,
    per: Duration,
}

/// [`CLOCK_SKEW`] in microseconds.
const SKEW_US: i64 = CLOCK_SKEW.as_secs().cast_signed() * 1_000_000;

impl UsageQuota {
    /// Returns a limit of `count` uses per second, possibly all at once; 0 means unlimited.
    pub fn per_second(count: u32) -> Self {
        Self { burst: count, per: Duration::from_secs(1) }
    }

    /// Returns a limit of `count` uses per minute, possibly all at once; 0 means unlimited.
    pub fn per_minute(count: u32) -> Self {
        Self { burst: count, per: Duration::from_mins(1) }
    }

    /// Returns whether there is a limit.
    pub fn is_limited(self) -> bool {
        self.burst > 0
    }

    fn per_us(self) -> i64 {
        i64::try_from(self.per.as_micros()).unwrap_or(i64::MAX)
    }

    /// Returns the cost of one use, in microseconds of replenishment.
    fn cost_us(self) -> i64 {
        self.per_us() / i64::from(self.burst.max(1))
    }
}

/// State of one rate limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct UsageMeter {
    /// Time at which the full burst is available again, in microseconds since the Unix epoch.
    full_at_us: i64,
}

impl UsageMeter {
    /// Charges one use if permitted; otherwise returns the time until it will be, at most the period plus
    /// [`CLOCK_SKEW`].
    pub fn take(&mut self, quota: UsageQuota, now: Timestamp) -> Result<(), Duration> {
        self.check(quota, now).inspect(|()| self.charge(quota))
    }

    /// Checks whether one more use is permitted; otherwise returns the time until it will be.
    pub fn check(&mut self, quota: UsageQuota, now: Timestamp) -> Result<(), Duration> {
        if !quota.is_limited() {
            return Ok(());
        }
        self.settle(quota, now);
        // GCRA: a use is permitted if it can be replenished within one period from now.
        let wait_us = self.full_at_us + quota.cost_us() - now.as_microsecond() - quota.per_us();
        match u64::try_from(wait_us) {
            Ok(wait_us) if wait_us > 0 => Err(Duration::from_micros(wait_us)),
            _ => Ok(()),
        }
    }

    /// Charges one use, after [`Self::check`] at the same moment.
    pub fn charge(&mut self, quota: UsageQuota) {
        self.full_at_us = self.full_at_us.saturating_add(quota.cost_us());
    }

    /// Reverts the charge of one use.
    pub fn give_back(&mut self, quota: UsageQuota) {
        self.full_at_us = self.full_at_us.saturating_sub(quota.cost_us());
    }

    /// Returns whether the full burst is available, so that the state need not be stored.
    pub fn is_whole(&mut self, quota: UsageQuota, now: Timestamp) -> bool {
        self.settle(quota, now);
        self.full_at_us <= now.as_microsecond()
    }

    /// Returns the time at which the full burst is available, in microseconds since the Unix epoch; the whole state.
    pub fn full_at_us(&self) -> i64 {
        self.full_at_us
    }

    /// Restores a stored state.
    pub fn of(full_at_us: i64) -> Self {
        Self { full_at_us }
    }

    /// Adjusts the state to the present. Charging never moves `full_at_us` beyond `now + per`. A slightly later value
    /// was written by a process whose clock is ahead, and is honoured. A much later one dates from before the clock was
    /// set back; whether the limit was exhausted is unknown, so the full burst is restored. The state itself is
    /// changed: if the value were only clamped on reading, it would be exhausted at every check until the clock has
    /// caught up.
    fn settle(&mut self, quota: UsageQuota, now: Timestamp) {
        let now_us = now.as_microsecond();
        let latest = now_us.saturating_add(quota.per_us()).saturating_add(SKEW_US);
        self.full_at_us = if self.full_at_us > latest { now_us } else { self.full_at_us.max(now_us) };
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
        let mut meter = UsageMeter::default();
        let quota = UsageQuota::per_second(10);
        for _ in 0..10 {
            meter.take(quota, at(0)).unwrap();
        }
        assert_eq!(meter.take(quota, at(0)), Err(Duration::from_millis(100)));
        meter.take(quota, at(100_000)).unwrap();
        assert!(meter.take(quota, at(100_001)).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_is_not_waited_for() {
        const HOUR_US: i64 = 3_600_000_000;
        for set_back_us in [1, SKEW_US, HOUR_US, 24 * HOUR_US, 20 * 365 * 24 * HOUR_US] {
            let mut meter = UsageMeter::default();
            let quota = UsageQuota::per_minute(10);
            while meter.take(quota, at(set_back_us)).is_ok() {}
            match meter.take(quota, at(0)) {
                Ok(()) => assert!(set_back_us > SKEW_US),
                Err(wait) => assert!(set_back_us <= SKEW_US && wait <= Duration::from_mins(2), "{wait:?}"),
            }
            // Further checks, while the clock is still behind, must see the limit replenish.
            assert!(meter.take(quota, at(120_000_000)).is_ok());
            assert!(meter.is_whole(quota, at(186_000_000)));
        }
    }

    #[test]
    fn a_clock_that_is_set_forward_gives_no_more_than_the_allowance() {
        let mut meter = UsageMeter::default();
        let quota = UsageQuota::per_minute(10);
        while meter.take(quota, at(0)).is_ok() {}
        let later = at(20 * 365 * 24 * 3_600_000_000);
        assert_eq!((0..100).filter(|_| meter.take(quota, later).is_ok()).count(), 10);
    }

    #[test]
    fn a_process_whose_clock_is_ahead_gives_nobody_more() {
        let quota = UsageQuota::per_minute(10);
        let mut meter = UsageMeter::default();
        let mut taken = 0;
        for second in 0..60 {
            for clock in [at(second * 1_000_000), at(second * 1_000_000 + 30_000_000)] {
                taken += (0..20).filter(|_| meter.take(quota, clock).is_ok()).count();
            }
        }
        assert!(taken <= 30, "{taken}");
    }

    #[test]
    fn nought_means_without_limit() {
        let mut meter = UsageMeter::default();
        for _ in 0..1000 {
            meter.take(UsageQuota::per_second(0), at(0)).unwrap();
        }
    }

    proptest! {
        /// Within any window of one period, at most twice the burst is permitted, and a client that waits the returned
        /// time is always permitted.
        #[test]
        fn never_more_than_allowed(gaps in prop::collection::vec(0i64..400_000, 1..200), burst in 1u32..20) {
            let quota = UsageQuota::per_second(burst);
            let mut meter = UsageMeter::default();
            let mut now = 0i64;
            let mut passed = Vec::new();
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
