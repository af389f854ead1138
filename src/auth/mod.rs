//! Who is asking: secrets, passwords, and what a credential allows.

mod credential;
mod password;
mod principal;
mod secret;

pub use credential::{Credential, SESSION_COOKIE, credential};
pub use password::Passwords;
pub use principal::{Authenticated, Principal, Refused};
pub use secret::{PASSWORD_RESET_LASTS, Secret, SecretKind};

use superbot_domain::UserId;
use superbot_store::{Store, StoreError};

/// Finds out who a credential belongs to.
#[derive(Clone)]
pub struct Authenticator {
    store: Store,
}

impl Authenticator {
    /// An authenticator over the store's users, sessions and tokens.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The principal a credential stands for, or `None` when it is not valid (any more).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn authenticate(&self, credential: &Credential) -> Result<Option<Principal>, StoreError> {
        match credential {
            Credential::Session(text) => {
                let Some(secret) = Secret::parse(SecretKind::Session, text) else {
                    return Ok(None);
                };
                let Some(session) = self.store.session_by_hash(&secret.hash()).await? else {
                    return Ok(None);
                };
                self.store.touch_session(&session).await?;
                Ok(Some(Principal::Session { id: session.id, user: session.user }))
            }
            Credential::Token(text) => {
                let Some(secret) = Secret::parse(SecretKind::ApiToken, text) else {
                    return Ok(None);
                };
                let Some(token) = self.store.token_by_hash(&secret.hash()).await? else {
                    return Ok(None);
                };
                self.store.touch_token(&token).await?;
                Ok(Some(Principal::Token { id: token.id, name: token.name, scope: token.scope, user: token.user }))
            }
        }
    }
}

impl Principal {
    /// The id of the user it acts as, if any.
    pub fn user_id(&self) -> Option<UserId> {
        self.user().map(|user| user.id)
    }
}
