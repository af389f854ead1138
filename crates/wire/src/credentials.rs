//! Sessions, API tokens and invitations.

use serde::Serialize;
use superbot_domain::{AccountInvite, ApiToken, InviteId, SessionId, UserId, UserSession};

use crate::scalar::Rfc3339;

/// A browser session of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionView {
    /// Its number.
    pub id: i64,
    /// Whether the request that lists it was made with it.
    pub current: bool,
    /// When the user signed in. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// When it was last used, to the minute. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub last_seen_at: Rfc3339,
    /// When it expires. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Rfc3339,
    /// The `User-Agent` of the browser that signed in; empty where it sent none.
    pub user_agent: String,
    /// The network address of the browser that signed in; empty where it is not known.
    pub address: String,
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenView {
    /// Its number.
    pub id: i64,
    /// What its owner calls it.
    pub name: String,
    /// `user`, `publish`, `metrics` or `admin`.
    pub scope: String,
    /// The number of its owner; null where it belongs to no user.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub user_id: Option<i64>,
    /// The beginning of the secret, by which its owner recognises it.
    pub hint: String,
    /// When it was created. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// When it was last used, to the minute; null until then. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_used_at: Option<Rfc3339>,
}

/// A new API token. The answer that creates it is the only one that shows its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedToken {
    /// The token's secret.
    pub token: String,
    /// What every later answer says of it.
    #[serde(flatten)]
    pub view: TokenView,
}

/// An invitation, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InviteView {
    /// Its number.
    pub id: i64,
    /// The name of the admin who created it; null where a token that belongs to no user did.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub created_by: Option<String>,
    /// When it was created. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
    /// When it expires. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Rfc3339,
    /// The name of the user who registered with it.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub used_by: Option<String>,
    /// When it was used; null until then. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub used_at: Option<Rfc3339>,
}

/// A new invitation. The answer that creates it is the only one that shows its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedInvite {
    /// Its number.
    #[cfg_attr(feature = "openapi", schema(value_type = i64))]
    pub id: InviteId,
    /// The secret to register with.
    pub invite: String,
    /// When it expires. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Rfc3339,
}

impl SessionView {
    /// The session as a request sees it that was made with the session `current`, or with none.
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
