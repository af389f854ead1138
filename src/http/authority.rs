//! Re-validation of a request's credential.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::api::ApiState;
use crate::auth::{AccessDenied, PresentedCredential, Principal};
use crate::problem::{Problem, Result};

/// The credential of a request, kept in its extensions for re-validation after a long body.
///
/// Otherwise a thief could start a request, and complete it after the credential has been revoked.
#[derive(Clone)]
pub struct RequestAuthority {
    credential: PresentedCredential,
    principal: Arc<Principal>,
    checked_at: Instant,
}

/// Time for which a check is considered current: on Postgres another one costs a query.
const AUTHORITY_LASTS: Duration = Duration::from_secs(1);

impl RequestAuthority {
    /// Records a credential that has just been authenticated.
    pub fn new(credential: PresentedCredential, principal: Arc<Principal>) -> Self {
        Self { credential, principal, checked_at: Instant::now() }
    }

    /// Checks the credential again, unless the last check is current.
    ///
    /// # Errors
    /// Like [`Self::confirm`].
    pub async fn confirm_if_old(&self, api: &ApiState) -> Result<()> {
        if self.checked_at.elapsed() < AUTHORITY_LASTS { Ok(()) } else { self.confirm(api).await }
    }

    /// Checks the credential again.
    ///
    /// # Errors
    /// 401 if it is no longer valid; 403 if it has lost a right.
    pub async fn confirm(&self, api: &ApiState) -> Result<()> {
        let Some(principal) = api.auth.authenticate(&self.credential, api.clock.now()).await? else {
            return Err(not_valid(&self.credential));
        };
        Ok(keeps_rights(&self.principal, &principal)?)
    }
}

/// Checks that a credential still has every right it had before.
fn keeps_rights(before: &Principal, now: &Principal) -> Result<(), AccessDenied> {
    let keeps = |may: fn(&Principal) -> Result<(), AccessDenied>| if may(before).is_ok() { may(now) } else { Ok(()) };
    // Only lost rights matter: the request was accepted without gained ones.
    keeps(Principal::may_administer)?;
    keeps(Principal::may_publish)?;
    keeps(Principal::may_read)?;
    keeps(|principal| principal.as_user().map(drop))
}

/// Returns the 401 for a credential that has expired or was revoked.
pub fn not_valid(credential: &PresentedCredential) -> Problem {
    Problem::unauthenticated(match credential {
        PresentedCredential::Session(_) => "the session has ended; sign in again",
        PresentedCredential::Token(_) => "the API token is invalid or was revoked",
    })
}

#[cfg(test)]
mod tests {
    use superbot_domain::TokenScope;

    use super::*;

    #[test]
    fn a_right_that_was_lost_is_noticed_and_one_that_was_gained_does_not_matter() {
        let token = |scope| Principal::Token { id: 1.into(), name: "a".to_owned(), scope, user: None };
        let [publish, metrics, admin] = [TokenScope::Publish, TokenScope::Metrics, TokenScope::Admin].map(token);
        assert_eq!(keeps_rights(&admin, &publish), Err(AccessDenied::AdminOnly));
        assert_eq!(keeps_rights(&publish, &metrics), Err(AccessDenied::MayNotPublish));
        assert_eq!(keeps_rights(&publish, &admin), Ok(()));
        assert_eq!(keeps_rights(&admin, &admin), Ok(()));
    }
}
