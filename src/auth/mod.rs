//! Who is asking: secrets, passwords, and what a credential allows.

mod credential;
mod foreign;
mod lookups;
mod password;
mod principal;
mod recent;
mod secret;

pub use credential::{Credential, SESSION_COOKIE, credential, session_of};
pub use password::{Passwords, Verdict, can_check};
pub use principal::{Authenticated, Principal, Refused};
pub use secret::{PASSWORD_RESET_LASTS, Secret, SecretKind};

use superbot_domain::{Timestamp, UserId};
use superbot_store::StoreError;

use crate::lifecycle::Lifecycle;
use crate::records::Records;
use lookups::Lookups;
use recent::{Lookup, Recent};

/// Finds out who a credential belongs to.
#[derive(Clone)]
pub struct Authenticator {
    lookups: Lookups,
    recent: Recent,
}

impl Authenticator {
    /// An authenticator over the users, sessions and tokens there are.
    pub fn new(records: Records, lifecycle: Lifecycle) -> Self {
        Self { lookups: Lookups::new(records, lifecycle), recent: Recent::default() }
    }

    /// The principal a credential stands for, or `None` when it is not valid (any more).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn authenticate(&self, credential: &Credential, now: Timestamp) -> Result<Option<Principal>, StoreError> {
        let Some((kind, hash)) = credential.hash() else { return Ok(None) };
        let lookup = self.recent.lookup();
        self.look_up(lookup, kind, hash, now).await
    }

    /// The same for somebody who hears of revocations from the log: it may not know of the newest ones, which the log has
    /// and the caller will hear of, and need not ask the store.
    ///
    /// # Errors
    /// When the store has to be asked and cannot be read.
    pub async fn recognise(&self, credential: &Credential, now: Timestamp) -> Result<Option<Principal>, StoreError> {
        let Some((kind, hash)) = credential.hash() else { return Ok(None) };
        match self.recent.get(&hash, now) {
            Ok(principal) => Ok(Some(principal)),
            Err(lookup) => self.look_up(lookup, kind, hash, now).await,
        }
    }

    /// Something was revoked: whoever comes from now on is looked up.
    pub fn forget(&self) {
        self.recent.forget();
    }

    /// Asks the store, and keeps its answer for those who only need to be recognised.
    async fn look_up(
        &self,
        lookup: Lookup,
        kind: SecretKind,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Principal>, StoreError> {
        let Some((principal, ends)) = self.lookups.find(kind, hash).await? else { return Ok(None) };
        self.recent.put(&lookup, hash, principal.clone(), now, ends);
        Ok(Some(principal))
    }
}

impl Credential {
    /// What its secret is for and the hash that it is known by, if it has the form of one of ours.
    fn hash(&self) -> Option<(SecretKind, [u8; 32])> {
        let (kind, text) = match self {
            Self::Session(text) => (SecretKind::Session, text),
            Self::Token(text) => (SecretKind::ApiToken, text),
        };
        Secret::parse(kind, text).map(|secret| (kind, secret.hash()))
    }
}

impl Principal {
    /// The id of the user it acts as, if any.
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }
}
