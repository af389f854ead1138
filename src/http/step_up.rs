//! Step-up authentication: operations for which a signed-in admin has to enter the password again.

use superbot_domain::TokenScope;

use super::account::verify_own_password;
use super::api::ApiState;
use super::extract::RequestClient;
use crate::auth::Principal;
use crate::problem::{Problem, Result};

/// Checks the right to create a credential with more than a user's rights, described by `made`, such as `an admin's account`.
///
/// A credential must not create a stronger one: what a stolen session or `user` token of an admin creates would survive its
/// revocation. A session may do so with the password, which a thief does not know.
///
/// # Errors
/// 403 for a token of another scope than `admin`; 422 for `current_password` if it is missing or wrong, 429 after too many
/// wrong ones.
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
        // A `user` token of an admin must not create anything that survives it.
        Principal::Token { .. } => {
            Err(Problem::forbidden(format!("{made} requires a signed-in admin or a token of scope `admin`")))
        }
        Principal::Session { .. } => {
            let missing = || Problem::field("current_password", format!("is required for {made}: your own password"));
            let password = current_password.ok_or_else(missing)?;
            verify_own_password(api, &principal.as_user()?, client, password).await.map(drop)
        }
    }
}
