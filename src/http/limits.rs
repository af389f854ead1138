//! How often callers may ask.

use std::net::IpAddr;

use superbot_domain::{Quota, Scope, Timestamp, Username};
use superbot_store::Store;

use crate::auth::Principal;
use crate::config;
use crate::limits::Limiter;
use crate::problem::{Problem, Result};

/// The limits of the REST API.
pub struct Limits {
    users: Limiter<Key>,
    publishers: Limiter<Key>,
    store: Store,
    /// How many secrets may be tried in vain.
    tries: Quota,
}

/// A try of a secret that was charged for as one in vain.
#[must_use = "a try that succeeded is to be given back"]
pub struct Try {
    keys: Vec<String>,
}

/// Whose allowance a request is charged to.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    User(i64),
    Token(i64),
}

impl Limits {
    /// The limits that the settings ask for.
    pub fn new(config: &config::Limits, store: Store) -> Self {
        Self {
            users: Limiter::new(Quota::per_second(config.user_requests_per_second)),
            publishers: Limiter::new(Quota::per_second(config.publish_requests_per_second)),
            store,
            tries: Quota::per_minute(config.login_attempts_per_minute),
        }
    }

    /// Charges a principal for a request.
    ///
    /// # Errors
    /// 429 beyond its limit.
    pub fn request(&self, principal: &Principal, now: Timestamp) -> Result<()> {
        let (limiter, key) = match principal {
            Principal::Token { scope: Scope::Publish | Scope::Admin, id, .. } => {
                (&self.publishers, Key::Token(id.get()))
            }
            Principal::Session { user, .. } | Principal::Token { user: Some(user), .. } => {
                (&self.users, Key::User(user.id.get()))
            }
            Principal::Token { user: None, id, .. } => (&self.users, Key::Token(id.get())),
        };
        limiter
            .take(key, now)
            .map_err(|wait| Problem::rate_limited("more requests than this credential may make in a second", wait))
    }

    /// Charges for a try of a secret, from this address and for this name; an empty name counts for the address only. All
    /// processes on the store count together, and so do tries that are under way.
    ///
    /// # Errors
    /// 429 after too many failures.
    pub async fn begin_try(&self, address: Option<IpAddr>, name: &str) -> Result<Try> {
        let by_address = address.map(|address| format!("sign-in from {address}"));
        // A name that nobody can have is not worth a row.
        let by_name = Username::parse(name).ok().map(|name| format!("sign-in as {}", name.key()));
        let keys: Vec<String> = [by_address, by_name].into_iter().flatten().collect();
        match self.store.charge(&keys, self.tries).await? {
            None => Ok(Try { keys }),
            Some(wait) => Err(Problem::rate_limited(
                "too many failed sign-ins from this address or for this name; wait a little",
                wait,
            )),
        }
    }

    /// The secret was right, so the try does not count.
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub async fn succeeded(&self, tried: Try) -> Result<()> {
        Ok(self.store.give_back(&tried.keys, self.tries).await?)
    }
}
