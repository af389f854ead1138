//! Limits of attempts to prove something with a secret.

use superbot_domain::{UsageQuota, UserId, Username};
use superbot_store::{MeterCharge, Store};

use crate::config;
use crate::edge::ClientNetwork;
use crate::problem::{Problem, Result};

/// The limits of attempts, of all processes on the store together.
pub struct AttemptLimits {
    store: Store,
    /// `limits.login_attempts_per_minute`; 0 is no limit.
    attempts_per_minute: u32,
}

/// An attempt to prove something with a secret, by what it is charged to.
#[derive(Debug, Clone, Copy)]
pub enum AttemptKind<'a> {
    /// A sign-in with a name and a password.
    SignIn {
        /// Where it comes from.
        network: Option<ClientNetwork>,
        /// The name as it was given.
        name: &'a str,
        /// Whether the browser has signed in with that name before.
        is_recognized: bool,
    },
    /// A set-up link, an invitation or a password reset link; also a registration, which reveals whether a name is taken.
    Secret {
        /// Where it comes from.
        network: Option<ClientNetwork>,
    },
    /// A signed-in user's own password, asked for once more.
    OwnPassword(UserId),
}

/// An attempt that was charged as a failed one.
#[must_use = "an attempt that succeeded is to be given back"]
pub struct ChargedAttempt(Vec<MeterCharge>);

/// What one network may fail in a minute in all, as a multiple of what it may for one name: a household with several users is
/// not to be locked out by one of them, and many names are not to be tried from one place.
const NETWORK_FACTOR: u32 = 3;
/// What may fail for one name in a minute from everywhere: a botnet is slowed down to 200 guesses a minute, and locking a user
/// out takes 20 networks that spend all their attempts on that name. Browsers that have signed in before are exempt.
const NAME_FACTOR: u32 = 20;

impl AttemptLimits {
    /// The limits that the settings ask for.
    pub fn new(config: &config::LimitsConfig, store: Store) -> Self {
        Self { store, attempts_per_minute: config.login_attempts_per_minute }
    }

    /// Charges for an attempt. All processes on the store count together, and attempts that are under way count as failed.
    ///
    /// # Errors
    /// 429 after too many failures.
    pub async fn begin(&self, attempt: AttemptKind<'_>) -> Result<ChargedAttempt> {
        let charges = self.charges(attempt);
        match self.store.meters().charge(&charges).await? {
            None => Ok(ChargedAttempt(charges)),
            Some(wait) => Err(Problem::rate_limited(attempt.refusal(), wait)),
        }
    }

    /// The secret was right, so the attempt does not count.
    ///
    /// # Errors
    /// When the store cannot be written to.
    pub async fn succeeded(&self, charged: ChargedAttempt) -> Result<()> {
        Ok(self.store.meters().refund(&charged.0).await?)
    }

    fn charges(&self, attempt: AttemptKind<'_>) -> Vec<MeterCharge> {
        let charge = |key: String, factor: u32| MeterCharge {
            key,
            quota: UsageQuota::per_minute(self.attempts_per_minute.saturating_mul(factor)),
        };
        // Clients whose address a proxy does not say share the limits of one network.
        let name_of = |network: Option<ClientNetwork>| {
            network.map_or_else(|| "unknown".to_owned(), |network| network.to_string())
        };
        let of_network = |network| charge(format!("sign-in from {}", name_of(network)), NETWORK_FACTOR);
        match attempt {
            AttemptKind::SignIn { network, name, is_recognized } => {
                // A name that nobody can have is not worth a row of its own.
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
            Self::SignIn { .. } => "too many failed sign-ins with this name or from this address; wait a little",
            Self::Secret { .. } => "too many attempts from this address; wait a little",
            Self::OwnPassword(_) => "too many wrong passwords of this user; wait a little",
        }
    }
}
