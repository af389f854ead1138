//! Rate limits of this process: a generic cell rate algorithm, eight bytes for each that is limited.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use superbot_domain::Timestamp;

/// How much is allowed: `burst` at once, refilled evenly over `per`.
#[derive(Debug, Clone, Copy)]
pub struct Quota {
    burst: u32,
    per: Duration,
}

impl Quota {
    /// `count` every second, all of which may come at once; 0 means without limit.
    pub fn per_second(count: u32) -> Self {
        Self { burst: count, per: Duration::from_secs(1) }
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
        if quota.burst == 0 {
            return Ok(());
        }
        let per_us = i64::try_from(quota.per.as_micros()).unwrap_or(i64::MAX);
        let cost = per_us / i64::from(quota.burst);
        let full_at = self.full_at_us.max(now.as_microsecond());
        let wait_us = full_at + cost - now.as_microsecond() - per_us;
        match u64::try_from(wait_us) {
            Ok(wait_us) if wait_us > 0 => Err(Duration::from_micros(wait_us)),
            _ => Ok(()),
        }
    }

    /// Takes one from the allowance.
    pub fn charge(&mut self, quota: Quota, now: Timestamp) {
        let per_us = i64::try_from(quota.per.as_micros()).unwrap_or(i64::MAX);
        let cost = per_us / i64::from(quota.burst.max(1));
        self.full_at_us = self.full_at_us.max(now.as_microsecond()) + cost;
    }

    /// Checks and, where allowed, charges.
    pub fn take(&mut self, quota: Quota, now: Timestamp) -> Result<(), Duration> {
        self.check(quota, now).inspect(|()| self.charge(quota, now))
    }
}

/// A meter for every key seen lately; bounded.
pub struct Limiter<K> {
    quota: Quota,
    meters: Mutex<HashMap<K, Meter>>,
}

/// More keys than this and those whose allowance is whole are forgotten.
const MANY_KEYS: usize = 20_000;

impl<K: Hash + Eq> Limiter<K> {
    /// A limiter that allows every key `quota`.
    pub fn new(quota: Quota) -> Self {
        Self { quota, meters: Mutex::new(HashMap::new()) }
    }

    /// Checks and, where allowed, charges `key` for one.
    pub fn take(&self, key: K, now: Timestamp) -> Result<(), Duration> {
        self.with_room(now).entry(key).or_default().take(self.quota, now)
    }

    fn with_room(&self, now: Timestamp) -> MutexGuard<'_, HashMap<K, Meter>> {
        let mut meters = self.lock();
        if meters.len() >= MANY_KEYS {
            meters.retain(|_, meter| meter.full_at_us > now.as_microsecond());
        }
        if meters.len() >= MANY_KEYS * 5 {
            // An attack from very many addresses: start anew rather than grow without end.
            meters.clear();
        }
        meters
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Meter>> {
        self.meters.lock().unwrap_or_else(PoisonError::into_inner)
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
    fn each_has_an_allowance_of_its_own() {
        let limiter = Limiter::new(Quota::per_second(2));
        assert!((0..2).all(|_| limiter.take("eve", at(0)).is_ok()));
        assert!(limiter.take("eve", at(0)).is_err());
        limiter.take("bob", at(0)).unwrap();
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
