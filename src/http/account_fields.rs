//! Validation of an account's name and password.

use superbot_domain::Username;

use crate::auth::password_fault;
use crate::config::AuthConfig;
use crate::problem::{Problem, Result};

/// Parses the name of a new account.
///
/// # Errors
/// 422 with a description of valid names.
pub fn parse_name(text: &str) -> Result<Username> {
    Username::parse_new(text).map_err(|error| Problem::field("username", error.to_string()))
}

/// Checks a new password against the policy.
///
/// # Errors
/// 422 for the field `field`, with what is wrong with the password.
pub fn check_password(field: &str, password: &str, user: &Username, config: &AuthConfig) -> Result<()> {
    match password_fault(password, user, config.password_min_length) {
        None => Ok(()),
        Some(fault) => Err(Problem::field(field, fault)),
    }
}
