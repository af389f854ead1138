//! Credentials as shown to their owners, without secrets: sessions, API tokens and invitations.

use crate::ids::{InviteId, SessionId, TokenId, UserId};
use crate::time::Timestamp;
use crate::user::{TokenScope, Username};

/// A browser session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSession {
    /// Public id, unrelated to the secret.
    pub id: SessionId,
    /// Time of sign-in.
    pub created_at: Timestamp,
    /// Time of last use, with a resolution of one minute.
    pub last_seen_at: Timestamp,
    /// Expiry time.
    pub expires_at: Timestamp,
    /// The `User-Agent` header at sign-in, truncated to 500 characters.
    pub user_agent: String,
    /// Client address at sign-in.
    pub address: String,
}

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Public id, unrelated to the secret.
    pub id: TokenId,
    /// Name given by the owner.
    pub name: String,
    /// Permitted use.
    pub scope: TokenScope,
    /// Owner; `None` for a token of the installation itself.
    pub owner: Option<UserId>,
    /// First characters of the secret, by which the owner recognizes it.
    pub prefix: String,
    /// Creation time.
    pub created_at: Timestamp,
    /// Time of last use, with a resolution of one minute; `None` if unused.
    pub last_used_at: Option<Timestamp>,
}

/// An invitation to register one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountInvite {
    /// Public id, unrelated to the secret.
    pub id: InviteId,
    /// The admin who created it; `None` if that account was deleted.
    pub created_by: Option<Username>,
    /// Creation time.
    pub created_at: Timestamp,
    /// Expiry time.
    pub expires_at: Timestamp,
    /// The user who registered with it; `None` if unused or if that account was deleted.
    pub used_by: Option<Username>,
    /// Time of registration; `None` if unused.
    pub used_at: Option<Timestamp>,
}
