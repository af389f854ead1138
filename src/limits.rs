//! Rate limits of this process.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use superbot_domain::{Timestamp, TokenScope, UsageMeter, UsageQuota};

use crate::auth::{ChargedAccount, Principal};
use crate::config;
use crate::problem::{Problem, Result as Answer};
use crate::refusal::{RefusalLog, RefusalReason};

/// How many requests callers may make in a second.
pub struct RequestRates {
    users: RateLimiter<ChargedAccount>,
    publishers: RateLimiter<ChargedAccount>,
    refusals: RefusalLog,
}

impl RequestRates {
    /// The rates that the settings ask for.
    pub fn new(limits: &config::LimitsConfig, refusals: RefusalLog) -> Self {
        Self {
            users: RateLimiter::new(UsageQuota::per_second(limits.user_requests_per_second)),
            publishers: RateLimiter::new(UsageQuota::per_second(limits.publish_requests_per_second)),
            refusals,
        }
    }

    /// No limits.
    #[cfg(test)]
    pub fn unlimited(refusals: RefusalLog) -> Self {
        let [users, publishers] = [(); 2].map(|()| RateLimiter::new(UsageQuota::per_second(0)));
        Self { users, publishers, refusals }
    }

    /// Charges a principal for a request.
    ///
    /// # Errors
    /// 429 beyond its limit.
    pub fn charge(&self, principal: &Principal, now: Timestamp) -> Answer<()> {
        let (limiter, key) = match principal {
            // Programs do not share an allowance with the browsers of their owner.
            Principal::Token { scope: TokenScope::Publish | TokenScope::Admin, id, .. } => {
                (&self.publishers, ChargedAccount::Token(*id))
            }
            _ => (&self.users, principal.into()),
        };
        limiter.take(key, now).map_err(|wait| {
            let user = principal.user().map(|user| user.username.to_string());
            self.refusals.note(RefusalReason::RequestRate, None, Some(&user.unwrap_or_else(|| key.to_string())));
            Problem::rate_limited("more requests than this credential may make in a second", wait)
        })
    }
}

/// A meter for every key seen lately; bounded.
pub struct RateLimiter<K> {
    quota: UsageQuota,
    meters: Mutex<HashMap<K, UsageMeter>>,
}

/// More keys than this and those whose allowance is whole are forgotten.
const MANY_KEYS: usize = 20_000;

impl<K: Hash + Eq> RateLimiter<K> {
    /// A limiter that allows every key `quota`.
    pub fn new(quota: UsageQuota) -> Self {
        Self { quota, meters: Mutex::new(HashMap::new()) }
    }

    /// Checks and, where allowed, charges `key` for one.
    pub fn take(&self, key: K, now: Timestamp) -> Result<(), Duration> {
        self.with_room(now).entry(key).or_default().take(self.quota, now)
    }

    fn with_room(&self, now: Timestamp) -> MutexGuard<'_, HashMap<K, UsageMeter>> {
        let mut meters = self.meters.lock();
        if meters.len() >= MANY_KEYS {
            meters.retain(|_, meter| !meter.is_whole(self.quota, now));
        }
        if meters.len() >= MANY_KEYS * 5 {
            // An attack from very many addresses: start over rather than grow without end.
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
