//! Credentials as their owners see them: sessions, API tokens and invitations, without their secrets.

use crate::ids::{InviteId, SessionId, TokenId, UserId};
use crate::time::Timestamp;
use crate::user::{TokenScope, Username};

/// A browser session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserSession {
    /// Its public number.
    pub id: SessionId,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The `User-Agent` of the browser that signed in.
    pub user_agent: String,
    /// The network address of the browser that signed in.
    pub address: String,
}

/// An API token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its public number.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it may be used for.
    pub scope: TokenScope,
    /// Its owner; `None` for a token that belongs to no user.
    pub owner: Option<UserId>,
    /// The beginning of its secret, by which its owner recognises it.
    pub prefix: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// An invitation to register, which is valid for one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountInvite {
    /// Its public number.
    pub id: InviteId,
    /// The admin who created it, while that account exists.
    pub created_by: Option<Username>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The user who registered with it, while that account exists.
    pub used_by: Option<Username>,
    /// When it was used; it cannot be used again.
    pub used_at: Option<Timestamp>,
}
