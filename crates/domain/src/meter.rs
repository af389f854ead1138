//! Rate limits: a generic cell rate algorithm, eight bytes for each that is limited.

use std::time::Duration;

use crate::time::{CLOCK_SKEW, Timestamp};

/// How much is allowed: `burst` at once, refilled evenly over `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageQuota {
    burst: u32,
    per: Duration,
}

/// [`CLOCK_SKEW`] in microseconds.
const SKEW_US: i64 = CLOCK_SKEW.as_secs().cast_signed() * 1_000_000;

impl UsageQuota {
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
pub struct UsageMeter {
    /// When the allowance is whole again, in microseconds since the epoch.
    full_at_us: i64,
}

impl UsageMeter {
    /// Checks and, where allowed, charges for one; if not allowed, how long to wait: the period and
    /// [`CLOCK_SKEW`] at most.
    pub fn take(&mut self, quota: UsageQuota, now: Timestamp) -> Result<(), Duration> {
        self.check(quota, now).inspect(|()| self.charge(quota))
    }

    /// Whether one more is allowed now; if not, how long to wait.
    pub fn check(&mut self, quota: UsageQuota, now: Timestamp) -> Result<(), Duration> {
        if !quota.is_limited() {
            return Ok(());
        }
        self.settle(quota, now);
        let wait_us = self.full_at_us + quota.cost_us() - now.as_microsecond() - quota.per_us();
        match u64::try_from(wait_us) {
            Ok(wait_us) if wait_us > 0 => Err(Duration::from_micros(wait_us)),
            _ => Ok(()),
        }
    }

    /// Takes one from the allowance, after a check at the same moment.
    pub fn charge(&mut self, quota: UsageQuota) {
        self.full_at_us = self.full_at_us.saturating_add(quota.cost_us());
    }

    /// Gives back what one took from it.
    pub fn give_back(&mut self, quota: UsageQuota) {
        self.full_at_us = self.full_at_us.saturating_sub(quota.cost_us());
    }

    /// Whether all of the allowance is there.
    pub fn is_whole(&mut self, quota: UsageQuota, now: Timestamp) -> bool {
        self.settle(quota, now);
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

    /// Brings the state to the present. Charging never moves `full_at_us` beyond `now + per`. What is a little later was charged
    /// by a process whose clock is ahead, and is waited for. What is later by more was charged before the clock was set
    /// back; who exhausted it cannot be told from who did not, so the allowance is whole. That changes the state: a value that is
    /// only read as less would be exhausted again at every check until the clock has caught up.
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
            // Later checks while the clock is still behind must see the allowance refill.
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
        /// In any window as long as the period, no more than twice the burst passes, and
        /// whoever waits as long as told is let through.
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
