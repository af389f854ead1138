//! Rate limits in this process.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use superbot_domain::{Timestamp, TokenScope, UsageMeter, UsageQuota};

use crate::auth::{ChargedAccount, Principal};
use crate::config;
use crate::problem::{Problem, Result as Answer};
use crate::refusal::{RefusalLog, RefusalReason};

/// Rate limits of requests per caller.
pub struct RequestRates {
    users: RateLimiter<ChargedAccount>,
    publishers: RateLimiter<ChargedAccount>,
    refusals: RefusalLog,
}

impl RequestRates {
    /// Creates the limits from the settings.
    pub fn new(limits: &config::LimitsConfig, refusals: RefusalLog) -> Self {
        Self {
            users: RateLimiter::new(UsageQuota::per_second(limits.user_requests_per_second)),
            publishers: RateLimiter::new(UsageQuota::per_second(limits.publish_requests_per_second)),
            refusals,
        }
    }

    /// Creates disabled limits.
    #[cfg(test)]
    pub fn unlimited(refusals: RefusalLog) -> Self {
        let [users, publishers] = [(); 2].map(|()| RateLimiter::new(UsageQuota::per_second(0)));
        Self { users, publishers, refusals }
    }

    /// Charges one request to a principal.
    ///
    /// # Errors
    /// 429 with the time to wait, if the limit is exceeded.
    pub fn charge(&self, principal: &Principal, now: Timestamp) -> Answer<()> {
        let (limiter, key) = match principal {
            // Programs do not share the quota of their owner's browsers.
            Principal::Token { scope: TokenScope::Publish | TokenScope::Admin, id, .. } => {
                (&self.publishers, ChargedAccount::Token(*id))
            }
            _ => (&self.users, principal.into()),
        };
        limiter.take(key, now).map_err(|wait| {
            let user = principal.user().map(|user| user.username.to_string());
            self.refusals.note(RefusalReason::RequestRate, None, Some(&user.unwrap_or_else(|| key.to_string())));
            Problem::rate_limited("this credential has exceeded its requests per second", wait)
        })
    }
}

/// A rate limiter with one meter per recently seen key; bounded.
pub struct RateLimiter<K> {
    quota: UsageQuota,
    meters: Mutex<HashMap<K, UsageMeter>>,
}

/// Number of keys from which those with an unused quota are removed.
const MANY_KEYS: usize = 20_000;

impl<K: Hash + Eq> RateLimiter<K> {
    /// Creates a limiter with the same quota for every key.
    pub fn new(quota: UsageQuota) -> Self {
        Self { quota, meters: Mutex::new(HashMap::new()) }
    }

    /// Charges one to `key`, or returns the time to wait.
    pub fn take(&self, key: K, now: Timestamp) -> Result<(), Duration> {
        self.with_room(now).entry(key).or_default().take(self.quota, now)
    }

    fn with_room(&self, now: Timestamp) -> MutexGuard<'_, HashMap<K, UsageMeter>> {
        let mut meters = self.meters.lock();
        if meters.len() >= MANY_KEYS {
            meters.retain(|_, meter| !meter.is_whole(self.quota, now));
        }
        if meters.len() >= MANY_KEYS * 5 {
            // An attack from very many addresses: resetting all is better than growing without bound.
            meters.clear();
        }
        meters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(us: i64) -> Timestamp {
        Timestamp::from_microsecond(1_700_000_000_000_000 + us).unwrap()
    }

    #[test]
    fn each_has_an_allowance_of_its_own() {
        let limiter = RateLimiter::new(UsageQuota::per_second(2));
        assert!((0..2).all(|_| limiter.take("eve", at(0)).is_ok()));
        assert!(limiter.take("eve", at(0)).is_err());
        limiter.take("bob", at(0)).unwrap();
    }
}
