//! Rate limits of attempts to authenticate.

use superbot_domain::{UsageQuota, UserId, Username};
use superbot_store::{MeterCharge, Store};

use crate::config;
use crate::edge::ClientNetwork;
use crate::problem::{Problem, Result};

/// Rate limits of attempts to authenticate, shared by all processes on the store.
pub struct AttemptLimits {
    store: Store,
    /// `limits.login_attempts_per_minute`; 0 disables the limits.
    attempts_per_minute: u32,
}

/// An attempt to authenticate with a secret, which determines the limits it is charged to.
#[derive(Debug, Clone, Copy)]
pub enum AttemptKind<'a> {
    /// A sign-in with user name and password.
    SignIn {
        /// Network of the client; `None` if unknown.
        network: Option<ClientNetwork>,
        /// User name as given, which may not exist.
        name: &'a str,
        /// Whether a valid cookie shows that this user has signed in with the browser before.
        is_recognized: bool,
    },
    /// A set-up link, invitation or password reset link; also a registration, which reveals whether a name is taken.
    Secret {
        /// Network of the client; `None` if unknown.
        network: Option<ClientNetwork>,
    },
    /// A signed-in user's own password, required again.
    OwnPassword(UserId),
}

/// An attempt that has been charged as if it had failed.
#[must_use = "a successful attempt has to be refunded"]
pub struct ChargedAttempt(Vec<MeterCharge>);

/// Failures per minute of one network for all names, as a multiple of those for one name: one user must not lock out the
/// household, and many names must not be tried from one place.
const NETWORK_FACTOR: u32 = 3;
/// Failures per minute for one name from all networks: slows a botnet down to 200 guesses a minute, while locking a user out
/// takes 20 networks that spend all their attempts on that name. Recognized browsers are exempt.
const NAME_FACTOR: u32 = 20;

impl AttemptLimits {
    pub fn new(config: &config::LimitsConfig, store: Store) -> Self {
        Self { store, attempts_per_minute: config.login_attempts_per_minute }
    }

    /// Charges an attempt in advance, so that concurrent attempts count as failed until they succeed.
    ///
    /// # Errors
    /// 429 if a limit is exceeded.
    pub async fn begin(&self, attempt: AttemptKind<'_>) -> Result<ChargedAttempt> {
        let charges = self.charges(attempt);
        match self.store.meters().charge(&charges).await? {
            None => Ok(ChargedAttempt(charges)),
            Some(wait) => Err(Problem::rate_limited(attempt.refusal(), wait)),
        }
    }

    /// Refunds a successful attempt.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn succeeded(&self, charged: ChargedAttempt) -> Result<()> {
        Ok(self.store.meters().refund(&charged.0).await?)
    }

    fn charges(&self, attempt: AttemptKind<'_>) -> Vec<MeterCharge> {
        let charge = |key: String, factor: u32| MeterCharge {
            key,
            quota: UsageQuota::per_minute(self.attempts_per_minute.saturating_mul(factor)),
        };
        // Clients whose address a proxy does not pass on share the limits of one network.
        let name_of = |network: Option<ClientNetwork>| {
            network.map_or_else(|| "unknown".to_owned(), |network| network.to_string())
        };
        let of_network = |network| charge(format!("sign-in from {}", name_of(network)), NETWORK_FACTOR);
        match attempt {
            AttemptKind::SignIn { network, name, is_recognized } => {
                // Invalid names share one row, so that arbitrary text cannot fill the table.
                let name = Username::parse(name).map(|name| name.key()).unwrap_or_default();
                let of_both = charge(format!("sign-in from {} as {name}", name_of(network)), 1);
                let of_name =
                    (!is_recognized && !name.is_empty()).then(|| charge(format!("sign-in as {name}"), NAME_FACTOR));
                [of_both, of_network(network)].into_iter().chain(of_name).collect()
            }
            AttemptKind::Secret { network } => {
                vec![charge(format!("secret from {}", name_of(network)), 1), of_network(network)]
            }
            AttemptKind::OwnPassword(user) => vec![charge(format!("password of {user}"), 1)],
        }
    }
}

impl AttemptKind<'_> {
    fn refusal(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "too many failed sign-ins with this name or from this address; try again later",
            Self::Secret { .. } => "too many attempts from this address; try again later",
            Self::OwnPassword(_) => "too many wrong passwords for this user; try again later",
        }
    }
}
