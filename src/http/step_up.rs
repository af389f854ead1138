//! What a signed-in admin must give the password for once more.

use superbot_domain::TokenScope;

use super::account::verify_own_password;
use super::api::ApiState;
use super::extract::RequestClient;
use crate::auth::Principal;
use crate::problem::{Problem, Result};

/// Lets a caller make something that acts as an admin or with more than a user's rights, such as `an admin's account`.
///
/// A credential must not make a stronger one: what a stolen session or `user` token of an admin makes would outlive its
/// revocation. A session may with the password, which its thief does not know.
///
/// # Errors
/// 403 for a token of another scope than `admin`; 422 for `current_password` where it is missing or wrong, 429 after
/// too many wrong ones.
pub async fn authorize_step_up(
    api: &ApiState,
    principal: &Principal,
    made: &str,
    client: RequestClient,
    current_password: Option<String>,
) -> Result<()> {
    principal.may_administer()?;
    match principal {
        Principal::Token { scope: TokenScope::Admin, .. } => Ok(()),
        Principal::Token { .. } => {
            Err(Problem::forbidden(format!("{made} is made by a signed-in admin or with a token of scope `admin`")))
        }
        Principal::Session { .. } => {
            let missing = || Problem::field("current_password", format!("is required for {made}: your own password"));
            let password = current_password.ok_or_else(missing)?;
            verify_own_password(api, &principal.as_user()?, client, password).await.map(drop)
        }
    }
}
