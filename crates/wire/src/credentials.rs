//! Sessions, API tokens and invitations.

use serde::Serialize;
use superbot_domain::{AccountInvite, ApiToken, InviteId, SessionId, UserId, UserSession};

use crate::scalar::Rfc3339;

/// A browser session of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Unique id.
    pub id: i64,
    /// Whether it is the session of the request itself.
    pub current: bool,
    /// Time of sign-in. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// Time of last use, with a resolution of one minute. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_seen_at: Rfc3339,
    /// Expiry time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Rfc3339,
    /// `User-Agent` of the browser at sign-in; empty if it sent none.
    pub user_agent: String,
    /// Network address of the browser at sign-in; empty if unknown.
    pub address: String,
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenView {
    /// Unique id.
    pub id: i64,
    /// Name given by the owner.
    pub name: String,
    /// Permitted use: `user`, `publish`, `metrics` or `admin`.
    pub scope: String,
    /// Id of the owner; null for a token that belongs to no user.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub user_id: Option<i64>,
    /// First characters of the secret, by which the owner recognizes it.
    pub hint: String,
    /// Creation time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// Time of last use, with a resolution of one minute; null if unused. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_used_at: Option<Rfc3339>,
}

/// A new API token. Only the response that creates it contains its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// Secret of the token.
    pub token: String,
    /// The public part, as in later responses.
    #[serde(flatten)]
    pub view: TokenView,
}

/// An invitation, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteView {
    /// Unique id.
    pub id: i64,
    /// Name of the admin who created it; null if a token without user did.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub created_by: Option<String>,
    /// Creation time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// Expiry time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Rfc3339,
    /// Name of the user who registered with it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub used_by: Option<String>,
    /// Time of registration; null if unused. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub used_at: Option<Rfc3339>,
}

/// A new invitation. Only the response that creates it contains its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedInvite {
    /// Unique id.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub id: InviteId,
    /// Secret with which to register.
    pub invite: String,
    /// Expiry time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Rfc3339,
}

impl SessionView {
    /// Returns the view for a request made with the session `current`, or without one.
    pub fn new(session: &UserSession, current: Option<SessionId>) -> Self {
        Self {
            id: session.id.get(),
            current: current == Some(session.id),
            created_at: session.created_at.into(),
            last_seen_at: session.last_seen_at.into(),
            expires_at: session.expires_at.into(),
            user_agent: session.user_agent.clone(),
            address: session.address.clone(),
        }
    }
}

impl From<&ApiToken> for TokenView {
    fn from(token: &ApiToken) -> Self {
        Self {
            id: token.id.get(),
            name: token.name.clone(),
            scope: token.scope.to_string(),
            user_id: token.owner.map(UserId::get),
            hint: token.prefix.clone(),
            created_at: token.created_at.into(),
            last_used_at: token.last_used_at.map(Rfc3339::from),
        }
    }
}

impl From<&AccountInvite> for InviteView {
    fn from(invite: &AccountInvite) -> Self {
        Self {
            id: invite.id.get(),
            created_by: invite.created_by.as_ref().map(ToString::to_string),
            created_at: invite.created_at.into(),
            expires_at: invite.expires_at.into(),
            used_by: invite.used_by.as_ref().map(ToString::to_string),
            used_at: invite.used_at.map(Rfc3339::from),
        }
    }
}
