//! User accounts as shown to themselves and to admins, and sign-in options.

use serde::Serialize;
use superbot_domain::{User, UserRole};

use crate::scalar::Rfc3339;

/// The caller: a user, or a token that belongs to no user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallerView {
    /// Id of the user; null for a token that belongs to no user.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub id: Option<i64>,
    /// Name with which the user signs in.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub username: Option<String>,
    /// Whether the caller has all permissions.
    pub is_admin: bool,
    /// Creation time of the account. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub created_at: Option<Rfc3339>,
}

/// A user as shown to admins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    /// Unique id.
    pub id: i64,
    /// Name with which the user signs in.
    pub username: String,
    /// Whether the user has all permissions.
    pub is_admin: bool,
    /// Whether the account is disabled.
    pub disabled: bool,
    /// Creation time of the account. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
}

/// Options of the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInOptions {
    /// Who may register: `closed`, `invite` or `open`.
    pub registration: &'static str,
    /// Whether there is no admin yet, so that the setup link is required.
    pub setup_needed: bool,
}

/// A password reset link. Only the response that creates it contains its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedPasswordReset {
    /// Secret at the end of the link: `/reset#TOKEN`.
    pub token: String,
    /// Expiry time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Rfc3339,
}

impl CallerView {
    /// Returns the view of a token that belongs to no user.
    pub fn without_user(is_admin: bool) -> Self {
        Self { id: None, username: None, is_admin, created_at: None }
    }
}

impl From<&User> for CallerView {
    fn from(user: &User) -> Self {
        Self {
            id: Some(user.id.get()),
            username: Some(user.username.to_string()),
            is_admin: user.role == UserRole::Admin,
            created_at: Some(user.created_at.into()),
        }
    }
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.get(),
            username: user.username.to_string(),
            is_admin: user.role == UserRole::Admin,
            disabled: user.disabled,
            created_at: user.created_at.into(),
        }
    }
}
