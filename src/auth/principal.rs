//! What a valid credential stands for, and what it allows.

use std::fmt;

use superbot_domain::{SessionId, TokenId, TokenScope, User, UserId, UserRole};

/// Whoever a valid credential stands for.
#[derive(Debug, Clone)]
pub enum Principal {
    /// A signed-in browser.
    Session {
        /// Which of the user's sessions.
        id: SessionId,
        /// Who signed in.
        user: User,
    },
    /// A program with an API token.
    Token {
        /// Which token.
        id: TokenId,
        /// What its maker called it.
        name: String,
        /// What it may do.
        scope: TokenScope,
        /// Whose it is; `publish` and `admin` tokens may belong to nobody.
        user: Option<User>,
    },
}

/// A credential's owner, as a user of the API: made only by [`Principal::as_user`].
pub struct AuthenticatedUser {
    /// The user acted as.
    pub user: User,
    /// The browser session, where there is one.
    pub session: Option<SessionId>,
}

/// Whom what a credential uses is charged to: its user, with all credentials of theirs, or a token that belongs to nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargedAccount {
    /// A user.
    User(UserId),
    /// A token without an owner.
    Token(TokenId),
}

/// Why a valid credential may not do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessDenied {
    /// A `publish` token outside its five calls.
    #[error("a token of scope `publish` may only publish; use one of scope `user` or `admin`")]
    PublishOnly,
    /// A `metrics` token outside `/metrics`.
    #[error("a token of scope `metrics` may only read /metrics; use one of scope `user` or `admin`")]
    MetricsOnly,
    /// Publishing needs a token made for it.
    #[error("publishing needs a token of scope `publish` or `admin`, or an admin")]
    MayNotPublish,
    /// Only admins may.
    #[error("only an admin may do this")]
    AdminOnly,
    /// The token acts for no user.
    #[error("this token belongs to no user; use one made with an owner")]
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
    /// The user it acts as, if any.
    pub fn user(&self) -> Option<&User> {
        match self {
            Self::Session { user, .. } => Some(user),
            Self::Token { user, .. } => user.as_ref(),
        }
    }

    /// The name of the user who acts, and the token that acts for them or by itself: for the audit log.
    pub fn actor(&self) -> (Option<&str>, Option<TokenId>) {
        let token = match self {
            Self::Session { .. } => None,
            Self::Token { id, .. } => Some(*id),
        };
        (self.user().map(|user| user.username.as_str()), token)
    }

    /// The user whose things it may read and change.
    ///
    /// # Errors
    /// A `publish` or `metrics` token acts for nobody, nor does a token without an owner.
    pub fn as_user(&self) -> Result<AuthenticatedUser, AccessDenied> {
        match self {
            Self::Session { id, user } => Ok(AuthenticatedUser { user: user.clone(), session: Some(*id) }),
            Self::Token { scope: TokenScope::Publish, .. } => Err(AccessDenied::PublishOnly),
            Self::Token { scope: TokenScope::Metrics, .. } => Err(AccessDenied::MetricsOnly),
            Self::Token { user: Some(user), .. } => Ok(AuthenticatedUser { user: user.clone(), session: None }),
            Self::Token { user: None, .. } => Err(AccessDenied::NoUser),
        }
    }

    /// Whether it may read what every signed-in user may.
    ///
    /// # Errors
    /// A `publish` or `metrics` token may not.
    pub fn may_read(&self) -> Result<(), AccessDenied> {
        match self {
            Self::Token { scope: TokenScope::Publish, .. } => Err(AccessDenied::PublishOnly),
            Self::Token { scope: TokenScope::Metrics, .. } => Err(AccessDenied::MetricsOnly),
            _ => Ok(()),
        }
    }

    /// Whether it may publish.
    ///
    /// # Errors
    /// `user` tokens and sessions may only where their user is an admin.
    pub fn may_publish(&self) -> Result<(), AccessDenied> {
        match self {
            Self::Token { scope: TokenScope::Publish, .. } => Ok(()),
            _ => self.may_administer().map_err(|_| AccessDenied::MayNotPublish),
        }
    }

    /// Whether it may read the metrics.
    ///
    /// # Errors
    /// Only `metrics` tokens and admins may.
    pub fn may_read_metrics(&self) -> Result<(), AccessDenied> {
        match self {
            Self::Token { scope: TokenScope::Metrics, .. } => Ok(()),
            _ => self.may_administer(),
        }
    }

    /// Whether it may do everything.
    ///
    /// # Errors
    /// Only `admin` tokens, and admins' sessions and `user` tokens, may.
    pub fn may_administer(&self) -> Result<(), AccessDenied> {
        match self {
            Self::Token { scope: TokenScope::Admin, .. } => Ok(()),
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
