//! Accounts: users as they see themselves, as admins see them, and what a sign-in page offers.

use serde::Serialize;
use superbot_domain::{User, UserRole};

use crate::scalar::Rfc3339;

/// The caller: a user as they see themselves, or a token that belongs to no user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallerView {
    /// The user's number; null for a token that belongs to no user.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub id: Option<i64>,
    /// The name that the user signs in with.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub username: Option<String>,
    /// Whether the caller may do everything.
    pub is_admin: bool,
    /// When the account was created. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub created_at: Option<Rfc3339>,
}

/// A user as an admin sees them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserView {
    /// The user's number.
    pub id: i64,
    /// The name that the user signs in with.
    pub username: String,
    /// Whether the user may do everything.
    pub is_admin: bool,
    /// Whether the user may not sign in.
    pub disabled: bool,
    /// When the account was created. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Rfc3339,
}

/// What the sign-in page offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInOptions {
    /// Who may register: `closed`, `invite` or `open`.
    pub registration: &'static str,
    /// Whether there is no admin yet.
    pub setup_needed: bool,
}

/// A link for a new password. The answer that creates it is the only one that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedPasswordReset {
    /// The end of the link: `/reset#TOKEN`.
    pub token: String,
    /// When it expires. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub expires_at: Rfc3339,
}

impl CallerView {
    /// A token that belongs to no user.
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
