//! Who is asking: secrets, passwords, and what a credential allows.

mod credential;
mod password;
mod principal;
mod recent;
mod secret;

pub use credential::{Credential, SESSION_COOKIE, credential};
pub use password::Passwords;
pub use principal::{Authenticated, Principal, Refused};
pub use secret::{PASSWORD_RESET_LASTS, Secret, SecretKind};

use superbot_domain::{Timestamp, UserId};
use superbot_store::{Store, StoreError};

use recent::Recent;

/// Finds out who a credential belongs to.
#[derive(Clone)]
pub struct Authenticator {
    store: Store,
    recent: Recent,
}

impl Authenticator {
    /// An authenticator over the store's users, sessions and tokens.
    pub fn new(store: Store) -> Self {
        Self { store, recent: Recent::default() }
    }

    /// The principal a credential stands for, or `None` when it is not valid (any more).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn authenticate(&self, credential: &Credential) -> Result<Option<Principal>, StoreError> {
        let Some(hash) = credential.hash() else { return Ok(None) };
        Ok(self.look_up(credential, &hash).await?.map(|(principal, _)| principal))
    }

    /// The same for somebody who hears of revocations from the log: it may not know of the newest ones, which the log has
    /// and the caller will hear of, and need not ask the store.
    ///
    /// # Errors
    /// When the store has to be asked and cannot be read.
    pub async fn recognise(&self, credential: &Credential, now: Timestamp) -> Result<Option<Principal>, StoreError> {
        let Some(hash) = credential.hash() else { return Ok(None) };
        let lookup = match self.recent.get(&hash, now) {
            Ok(principal) => return Ok(Some(principal)),
            Err(lookup) => lookup,
        };
        let Some((principal, ends)) = self.look_up(credential, &hash).await? else { return Ok(None) };
        self.recent.put(&lookup, hash, principal.clone(), now, ends);
        Ok(Some(principal))
    }

    /// Something was revoked: whoever comes from now on is looked up.
    pub fn forget(&self) {
        self.recent.forget();
    }

    /// Whom the store knows by the hash of a secret, and until when, where it is not for good.
    async fn look_up(
        &self,
        credential: &Credential,
        hash: &[u8; 32],
    ) -> Result<Option<(Principal, Option<Timestamp>)>, StoreError> {
        match credential {
            Credential::Session(_) => {
                let Some(session) = self.store.session_by_hash(hash).await? else { return Ok(None) };
                self.store.touch_session(&session).await?;
                let ends = Some(session.expires_at);
                Ok(Some((Principal::Session { id: session.id, user: session.user }, ends)))
            }
            Credential::Token(_) => {
                let Some(token) = self.store.token_by_hash(hash).await? else { return Ok(None) };
                self.store.touch_token(&token).await?;
                let (id, name, scope, user) = (token.id, token.name, token.scope, token.user);
                Ok(Some((Principal::Token { id, name, scope, user }, None)))
            }
        }
    }
}

impl Credential {
    /// The hash that its secret is known by, if it has the form of one of ours.
    fn hash(&self) -> Option<[u8; 32]> {
        let secret = match self {
            Self::Session(text) => Secret::parse(SecretKind::Session, text),
            Self::Token(text) => Secret::parse(SecretKind::ApiToken, text),
        };
        secret.map(|secret| secret.hash())
    }
}

impl Principal {
    /// The id of the user it acts as, if any.
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }
}
