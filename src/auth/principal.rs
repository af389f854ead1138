//! The identity behind a valid credential, and its rights.

use std::fmt;

use superbot_domain::{SessionId, TokenId, TokenScope, User, UserId, UserRole};

/// The identity behind a valid credential.
#[derive(Debug, Clone)]
pub enum Principal {
    /// A signed-in browser.
    Session {
        /// Id of the session, by which it is listed and revoked.
        id: SessionId,
        /// The user who signed in.
        user: User,
    },
    /// A program with an API token.
    Token {
        /// Id of the token, by which it is listed and revoked.
        id: TokenId,
        /// Name given when it was created; not unique.
        name: String,
        /// What it may be used for.
        scope: TokenScope,
        /// Owner; `None` is possible for `publish`, `metrics` and `admin` tokens only.
        user: Option<User>,
    },
}

/// A user on whose behalf a request acts; created by [`Principal::as_user`] only.
pub struct AuthenticatedUser {
    /// The user whose data may be read and changed.
    pub user: User,
    /// The browser session; `None` if the request came with a token.
    pub session: Option<SessionId>,
}

/// What usage is charged to: a user, with all of their credentials, or a token without an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargedAccount {
    /// All sessions and tokens of this user.
    User(UserId),
    /// A token without an owner.
    Token(TokenId),
}

/// Why a valid credential is not permitted to do something; the text is sent to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessDenied {
    /// A `publish` token was used outside the five publishing endpoints.
    #[error("a token of scope `publish` may only publish; use one of scope `user` or `admin`")]
    PublishOnly,
    /// A `metrics` token was used outside `/metrics`.
    #[error("a token of scope `metrics` may only read /metrics; use one of scope `user` or `admin`")]
    MetricsOnly,
    /// Publishing requires a `publish` or `admin` token, or an admin.
    #[error("publishing needs a token of scope `publish` or `admin`, or an admin")]
    MayNotPublish,
    /// The operation is reserved for admins.
    #[error("only an admin may do this")]
    AdminOnly,
    /// The operation is about a user's own data, and the token has no owner.
    #[error("this token has no owner; use one that was created for a user")]
    NoUser,
}

impl From<&User> for ChargedAccount {
    fn from(user: &User) -> Self {
        Self::User(user.id)
    }
}

impl From<&Principal> for ChargedAccount {
    fn from(principal: &Principal) -> Self {
        match principal {
            Principal::Session { user, .. } | Principal::Token { user: Some(user), .. } => user.into(),
            Principal::Token { user: None, id, .. } => Self::Token(*id),
        }
    }
}

impl fmt::Display for ChargedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user {id}"),
            Self::Token(id) => write!(f, "token {id}"),
        }
    }
}

impl Principal {
    /// Returns the user on whose behalf it acts; `None` for a token without an owner.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Session { user, .. } => Some(user),
            Self::Token { user, .. } => user.as_ref(),
        }
    }

    /// Returns the user's name and the token's id, as far as they exist, for the audit log.
    pub fn actor(&self) -> (Option<&str>, Option<TokenId>) {
        let token = match self {
            Self::Session { .. } => None,
            Self::Token { id, .. } => Some(*id),
        };
        (self.user().map(|user| user.username.as_str()), token)
    }

    /// Returns the user whose data it may read and change.
    ///
    /// # Errors
    /// For `publish` and `metrics` tokens, even if they have an owner, and for tokens without one.
    pub fn as_user(&self) -> Result<AuthenticatedUser, AccessDenied> {
        match self {
            Self::Session { id, user } => Ok(AuthenticatedUser { user: user.clone(), session: Some(*id) }),
            Self::Token { scope: TokenScope::Publish, .. } => Err(AccessDenied::PublishOnly),
            Self::Token { scope: TokenScope::Metrics, .. } => Err(AccessDenied::MetricsOnly),
            Self::Token { user: Some(user), .. } => Ok(AuthenticatedUser { user: user.clone(), session: None }),
            Self::Token { user: None, .. } => Err(AccessDenied::NoUser),
        }
    }

    /// Checks the right to read what every signed-in user may read.
    ///
    /// # Errors
    /// For `publish` and `metrics` tokens.
    pub fn may_read(&self) -> Result<(), AccessDenied> {
        match self {
            Self::Token { scope: TokenScope::Publish, .. } => Err(AccessDenied::PublishOnly),
            Self::Token { scope: TokenScope::Metrics, .. } => Err(AccessDenied::MetricsOnly),
            _ => Ok(()),
        }
    }

    /// Checks the right to publish.
    ///
    /// # Errors
    /// For `metrics` tokens, and for `user` tokens and sessions of users who are no admins.
    pub fn may_publish(&self) -> Result<(), AccessDenied> {
        match self {
            Self::Token { scope: TokenScope::Publish, .. } => Ok(()),
            _ => self.may_administer().map_err(|_| AccessDenied::MayNotPublish),
        }
    }

    /// Checks the right to read the metrics.
    ///
    /// # Errors
    /// For all except `metrics` tokens and admins.
    pub fn may_read_metrics(&self) -> Result<(), AccessDenied> {
        match self {
            Self::Token { scope: TokenScope::Metrics, .. } => Ok(()),
            _ => self.may_administer(),
        }
    }

    /// Checks for unrestricted rights.
    ///
    /// # Errors
    /// For all except `admin` tokens, and sessions and `user` tokens of admins.
    pub fn may_administer(&self) -> Result<(), AccessDenied> {
        match self {
            Self::Token { scope: TokenScope::Admin, .. } => Ok(()),
            // A `publish` or `metrics` token stays restricted even if its owner is an admin.
            Self::Token { scope: TokenScope::Publish | TokenScope::Metrics, .. } => Err(AccessDenied::AdminOnly),
            Self::Token { scope: TokenScope::User, .. } | Self::Session { .. } => {
                match self.user().map(|user| user.role) {
                    Some(UserRole::Admin) => Ok(()),
                    _ => Err(AccessDenied::AdminOnly),
                }
            }
        }
    }
}
