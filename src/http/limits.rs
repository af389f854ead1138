//! How often callers may ask.

use std::net::IpAddr;
use std::time::Duration;

use superbot_domain::{Scope, Timestamp};

use crate::auth::Principal;
use crate::config;
use crate::limits::{Limiter, Quota};
use crate::problem::{Problem, Result};

/// The limits of the REST API.
pub struct Limits {
    users: Limiter<Key>,
    publishers: Limiter<Key>,
    addresses: Limiter<IpAddr>,
    names: Limiter<String>,
}

/// Whose allowance a request is charged to.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    User(i64),
    Token(i64),
}

impl Limits {
    /// The limits that the settings ask for.
    pub fn new(config: &config::Limits) -> Self {
        let sign_in = Quota::per_minute(config.login_attempts_per_minute);
        Self {
            users: Limiter::new(Quota::per_second(config.user_requests_per_second)),
            publishers: Limiter::new(Quota::per_second(config.publish_requests_per_second)),
            addresses: Limiter::new(sign_in),
            names: Limiter::new(sign_in),
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

    /// Whether a secret may be tried now, from this address and for this name; an empty name
    /// counts for the address only.
    ///
    /// # Errors
    /// 429 after too many failures.
    pub fn may_try(&self, address: Option<IpAddr>, name: &str, now: Timestamp) -> Result<()> {
        let by_address = address.map_or(Ok(()), |address| self.addresses.check(&address, now));
        let by_name = self.names.check(&name.to_lowercase(), now);
        by_address.and(by_name).map_err(|wait: Duration| {
            Problem::rate_limited("too many failed sign-ins from this address or for this name; wait a little", wait)
        })
    }

    /// A secret was wrong.
    pub fn failed(&self, address: Option<IpAddr>, name: &str, now: Timestamp) {
        if let Some(address) = address {
            self.addresses.charge(address, now);
        }
        if !name.is_empty() {
            self.names.charge(name.to_lowercase(), now);
        }
    }
}
