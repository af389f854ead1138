//! What a request was authenticated with, to be asked again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::api::ApiState;
use crate::auth::{AccessDenied, PresentedCredential, Principal};
use crate::problem::{Problem, Result};

/// What a request was authenticated with, among its extensions: to be asked again where its body took long.
///
/// Otherwise a thief could begin a request, wait until the credential is revoked, and then finish it.
#[derive(Clone)]
pub struct RequestAuthority {
    credential: PresentedCredential,
    principal: Arc<Principal>,
    checked_at: Instant,
}

/// How long a credential counts as valid after it was checked: asking again costs a query where the store is on Postgres.
const AUTHORITY_LASTS: Duration = Duration::from_secs(1);

impl RequestAuthority {
    /// What a request has just been authenticated with.
    pub fn new(credential: PresentedCredential, principal: Arc<Principal>) -> Self {
        Self { credential, principal, checked_at: Instant::now() }
    }

    /// Checks the credential again if that was a while ago.
    ///
    /// # Errors
    /// As [`Self::confirm`].
    pub async fn confirm_if_old(&self, api: &ApiState) -> Result<()> {
        if self.checked_at.elapsed() < AUTHORITY_LASTS { Ok(()) } else { self.confirm(api).await }
    }

    /// Checks the credential again.
    ///
    /// # Errors
    /// 401 when it is not valid any more; 403 when it has lost a right.
    pub async fn confirm(&self, api: &ApiState) -> Result<()> {
        let Some(principal) = api.auth.authenticate(&self.credential, api.clock.now()).await? else {
            return Err(not_valid(&self.credential));
        };
        Ok(keeps_rights(&self.principal, &principal)?)
    }
}

/// Whether a credential still allows everything that it did.
fn keeps_rights(before: &Principal, now: &Principal) -> Result<(), AccessDenied> {
    let keeps = |may: fn(&Principal) -> Result<(), AccessDenied>| if may(before).is_ok() { may(now) } else { Ok(()) };
    keeps(Principal::may_administer)?;
    keeps(Principal::may_publish)?;
    keeps(Principal::may_read)?;
    keeps(|principal| principal.as_user().map(drop))
}

/// 401: the credential has ended or was revoked.
pub fn not_valid(credential: &PresentedCredential) -> Problem {
    Problem::unauthenticated(match credential {
        PresentedCredential::Session(_) => "the session has ended; sign in again",
        PresentedCredential::Token(_) => "the API token is not valid (any more)",
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
