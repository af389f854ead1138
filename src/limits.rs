//! Rate limits in this process.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use superbot_domain::{Meter, Quota, Scope, Timestamp};

use crate::auth::{Account, Principal};
use crate::config;
use crate::problem::{Problem, Result as Answer};
use crate::refusal::{RefusalReason, Refusals};

/// Rate limits of requests per caller.
pub struct RequestRates {
    users: Limiter<Account>,
    publishers: Limiter<Account>,
    refusals: Refusals,
}

impl RequestRates {
    /// Creates the limits from the settings.
    pub fn new(limits: &config::Limits, refusals: Refusals) -> Self {
        Self {
            users: Limiter::new(Quota::per_second(limits.user_requests_per_second)),
            publishers: Limiter::new(Quota::per_second(limits.publish_requests_per_second)),
            refusals,
        }
    }

    /// Creates disabled limits.
    #[cfg(test)]
    pub fn unlimited(refusals: Refusals) -> Self {
        let [users, publishers] = [(); 2].map(|()| Limiter::new(Quota::per_second(0)));
        Self { users, publishers, refusals }
    }

    /// Charges one request to a principal.
    ///
    /// # Errors
    /// 429 with the time to wait, if the limit is exceeded.
    pub fn charge(&self, principal: &Principal, now: Timestamp) -> Answer<()> {
        let (limiter, key) = match principal {
            // Programs do not share the quota of their owner's browsers.
            Principal::Token { scope: Scope::Publish | Scope::Admin, id, .. } => {
                (&self.publishers, Account::Token(*id))
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
pub struct Limiter<K> {
    quota: Quota,
    meters: Mutex<HashMap<K, Meter>>,
}

/// Number of keys from which those with an unused quota are removed.
const MANY_KEYS: usize = 20_000;

impl<K: Hash + Eq> Limiter<K> {
    /// Creates a limiter with the same quota for every key.
    pub fn new(quota: Quota) -> Self {
        Self { quota, meters: Mutex::new(HashMap::new()) }
    }

    /// Charges one to `key`, or returns the time to wait.
    pub fn take(&self, key: K, now: Timestamp) -> Result<(), Duration> {
        self.with_room(now).entry(key).or_default().take(self.quota, now)
    }

    fn with_room(&self, now: Timestamp) -> MutexGuard<'_, HashMap<K, Meter>> {
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
        let limiter = Limiter::new(Quota::per_second(2));
        assert!((0..2).all(|_| limiter.take("eve", at(0)).is_ok()));
        assert!(limiter.take("eve", at(0)).is_err());
        limiter.take("bob", at(0)).unwrap();
    }
}
