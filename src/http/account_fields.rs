//! The fields of an account: its name and its password.

use superbot_domain::Username;

use crate::auth::password_fault;
use crate::config::AuthConfig;
use crate::problem::{Problem, Result};

/// Reads the name of a new account.
///
/// # Errors
/// 422 with what would be right.
pub fn parse_name(text: &str) -> Result<Username> {
    Username::parse_new(text).map_err(|error| Problem::field("username", error.to_string()))
}

/// Checks a new password of that user.
///
/// # Errors
/// 422 with what would be right.
pub fn check_password(field: &str, password: &str, user: &Username, config: &AuthConfig) -> Result<()> {
    match password_fault(password, user, config.password_min_length) {
        None => Ok(()),
        Some(fault) => Err(Problem::field(field, fault)),
    }
}
