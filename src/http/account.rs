//! `/api/auth`: signing in and out, and one's own account.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use superbot_domain::{SessionId, User};
use superbot_store::{CredentialsKept, NewSession};
use superbot_wire::CallerView;

use super::account_fields::check_password;
use super::api::ApiState;
use super::cookies;
use super::extract::{Caller, JsonBody, RequestClient, SignedIn};
use super::limits::AttemptKind;
use crate::audit::AuditEvent;
use crate::auth::{
    AuthenticatedUser, HashRequester, HashingSlot, PasswordCheck, PresentedCredential, Principal, RandomSecret,
    SecretKind, credential,
};
use crate::problem::{Problem, Result};

/// User name and password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The user name.
    username: String,
    /// The user's password.
    password: String,
}

/// Signs in: sets the session cookie.
#[utoipa::path(post, path = "/api/auth/login", operation_id = "signIn", tag = "auth", request_body = SignIn,
    responses((status = 200, body = CallerView), (status = 401, body = Problem), (status = 429, body = Problem),
        (status = 503, body = Problem)))]
pub async fn login(
    State(api): State<Arc<ApiState>>,
    jar: CookieJar,
    client: RequestClient,
    parts: Parts,
    JsonBody(sign_in): JsonBody<SignIn>,
) -> Result<impl IntoResponse> {
    api.edge.refuse_forgery(&parts)?;
    let name = sign_in.username.as_str();
    let recognized = cookies::recognize(&api, &jar).await?;
    let requester = |is_recognized| if is_recognized { HashRequester::Recognized } else { HashRequester::Anonymous };
    // Before the store is queried: a flood must not reach it.
    let mut slot = api.reserve_hashing(requester(recognized.is_some()), client)?;
    let found = api.store.users().find_by_name(name).await?;
    let is_recognized = match (&recognized, &found) {
        (Some(browser), Some((user, hash))) => browser.is_of(user.id, hash),
        _ => false,
    };
    // The cookie may belong to another user, or predate a change of the password.
    if recognized.is_some() && !is_recognized {
        slot = api.reserve_hashing(HashRequester::Anonymous, client)?;
    }
    // Charged before the password is checked, so that concurrent attempts cannot exceed the limit; refunded on success.
    let attempt = AttemptKind::SignIn { network: client.network(), name, is_recognized };
    let charged = api.begin_attempt(attempt, client, Some(name)).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.as_str());
    let verdict = slot.verify(sign_in.password.clone(), hash).await;
    let verdict = verdict.map_err(|error| Problem::internal(&error))?;
    match found {
        Some((user, hash)) if verdict.is_right() && !user.disabled => {
            api.limits.succeeded(charged).await?;
            let (session, secret) = new_session(&api, client, &parts);
            let id = match api.store.sessions().sign_in(user.id, &hash, session.clone()).await? {
                Some(id) => id,
                None => sign_in_again(&api, &slot, &sign_in, session).await?,
            };
            if verdict == PasswordCheck::RightButForeign {
                replace_hash(&api, &slot, &user, &hash, sign_in.password).await;
            }
            Ok((signed_in(&api, jar, &user, client, &parts, id, &secret).await?, axum::Json(CallerView::from(&user))))
        }
        // One message for an unknown name, a wrong password and a disabled account, so that names cannot be probed.
        _ => {
            AuditEvent::SignInFailed.line().from_address(client.address).user(name).write();
            Err(wrong_password())
        }
    }
}

fn wrong_password() -> Problem {
    let problem = Problem::unauthenticated("that name and password do not go together");
    // Not counted as a refusal: the audit log has a line for each failed sign-in.
    Problem { refusal: None, ..problem }
}

/// Retries a sign-in whose stored hash changed while the password was checked: verifies against the new hash, which may be of
/// the same password, rehashed.
async fn sign_in_again(api: &ApiState, slot: &HashingSlot, sign_in: &SignIn, session: NewSession) -> Result<SessionId> {
    let (user, hash) = api.store.users().find_by_name(&sign_in.username).await?.ok_or_else(wrong_password)?;
    let verdict = slot.verify(sign_in.password.clone(), Some(&hash)).await;
    if !verdict.map_err(|error| Problem::internal(&error))?.is_right() {
        return Err(wrong_password());
    }
    api.store.sessions().sign_in(user.id, &hash, session).await?.ok_or_else(wrong_password)
}

/// Replaces a foreign hash by one of ours. On failure the next sign-in tries again.
async fn replace_hash(api: &ApiState, slot: &HashingSlot, user: &User, old: &str, password: String) {
    let replaced = async { Ok(api.store.users().rehash_password(user.id, old, &slot.hash(password).await?).await?) };
    let replaced: anyhow::Result<()> = replaced.await;
    if let Err(error) = replaced {
        tracing::warn!(user = user.id.get(), %error, "replacing a foreign password hash failed");
    }
}

/// Creates a session for a user who has just authenticated in another way than by password.
///
/// # Errors
/// When the store cannot be written to.
pub async fn open_session(
    api: &ApiState,
    jar: CookieJar,
    user: &User,
    client: RequestClient,
    parts: &Parts,
) -> Result<CookieJar> {
    let (session, secret) = new_session(api, client, parts);
    let id = api.store.sessions().create(user.id, session).await?;
    signed_in(api, jar, user, client, parts, id, &secret).await
}

/// Writes the audit line of a new session and returns the cookies with its secret.
async fn signed_in(
    api: &ApiState,
    jar: CookieJar,
    user: &User,
    client: RequestClient,
    parts: &Parts,
    id: SessionId,
    secret: &RandomSecret,
) -> Result<CookieJar> {
    let line = AuditEvent::SignInSucceeded.line().from_address(client.address);
    line.user(user.username.as_str()).id(id.get()).write();
    cookies::begin(api, jar, parts, user, secret).await
}

/// Prepares a session that is not stored yet, with its secret.
pub fn new_session(api: &ApiState, client: RequestClient, parts: &Parts) -> (NewSession, RandomSecret) {
    let secret = RandomSecret::generate(SecretKind::Session);
    let agent = parts.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    let session = NewSession {
        token_hash: secret.hash(),
        user_agent: agent.unwrap_or_default().chars().take(300).collect(),
        address: client.address.map(|address| address.to_string()).unwrap_or_default(),
        expires_at: api.clock.now() + api.config.auth.session,
    };
    (session, secret)
}

/// Signs out: ends the session, and every live connection made with it. The browser loses its cookie even where the store
/// cannot be written to.
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "signOut", tag = "auth",
    responses((status = 204),
        (status = 401, description = "The Authorization header is not a bearer token", body = Problem),
        (status = 507, body = Problem)))]
pub async fn logout(
    State(api): State<Arc<ApiState>>,
    jar: CookieJar,
    client: RequestClient,
    parts: Parts,
) -> Result<Response> {
    api.edge.refuse_forgery(&parts)?;
    let mut ended = Ok(());
    if let Some(PresentedCredential::Session(sessions)) = credential(&parts.headers)? {
        for session in sessions {
            ended = ended.and(end_session(&api, PresentedCredential::Session(vec![session]), client).await);
        }
    }
    let jar = cookies::end(jar);
    Ok(match ended {
        Ok(()) => (jar, StatusCode::NO_CONTENT).into_response(),
        Err(problem) => (jar, problem).into_response(),
    })
}

async fn end_session(api: &ApiState, session: PresentedCredential, client: RequestClient) -> Result<()> {
    let Some(principal) = api.auth.authenticate(&session, api.clock.now()).await? else { return Ok(()) };
    let Principal::Session { id, user } = &*principal else { return Ok(()) };
    let line = AuditEvent::SessionRevoked.line().from_address(client.address);
    line.user(user.username.as_str()).id(id.get()).write();
    // If the store cannot be written, the session ends in this process only, until a restart.
    api.store.sessions().revoke(user.id, *id).await.inspect_err(|_| api.auth.end(&session))?;
    Ok(())
}

/// Returns the caller.
#[utoipa::path(get, path = "/api/auth/me", operation_id = "getCaller", tag = "auth",
    responses((status = 200, body = CallerView), (status = 401, body = Problem)))]
pub async fn me(Caller(principal): Caller) -> axum::Json<CallerView> {
    axum::Json(match principal.user() {
        Some(user) => user.into(),
        None => CallerView::without_user(principal.may_administer().is_ok()),
    })
}

/// A change of the password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The current password.
    current_password: String,
    /// The new password.
    new_password: String,
    /// Whether the user's API tokens are revoked too.
    #[serde(default)]
    revoke_tokens: bool,
}

/// Changes the caller's password, and ends all of their other sessions.
#[utoipa::path(post, path = "/api/auth/password", operation_id = "changePassword", tag = "auth",
    request_body = PasswordChange,
    responses((status = 204), (status = 403, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem)))]
pub async fn password(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    jar: CookieJar,
    client: RequestClient,
    parts: Parts,
    JsonBody(change): JsonBody<PasswordChange>,
) -> Result<impl IntoResponse> {
    let user = caller.user();
    check_password("new_password", &change.new_password, &user.username, &api.config.auth)?;
    let slot = verify_own_password(&api, &caller.0, client, change.current_password).await?;
    let hash = slot.hash(change.new_password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    let keep = CredentialsKept { session: caller.0.session, tokens: !change.revoke_tokens };
    let revoked = api.store.users().set_password(user.id, &hash, keep).await?.unwrap_or_default();
    let line = AuditEvent::PasswordChanged.line().from_address(client.address).user(user.username.as_str());
    line.count(revoked).write();
    // The recognition cookie contains a mark of the old password, so it has become invalid.
    let jar = match caller.0.session {
        Some(_) => cookies::remember(&api, jar, &parts, user).await?,
        None => jar,
    };
    Ok((jar, StatusCode::NO_CONTENT))
}

/// Verifies a signed-in user's password again, and returns the queue slot for a following hash.
///
/// # Errors
/// 422 if it is wrong, 429 after too many wrong ones. These are counted per user and separately from sign-ins, so that
/// strangers cannot exhaust the limit.
pub async fn verify_own_password(
    api: &ApiState,
    caller: &AuthenticatedUser,
    client: RequestClient,
    password: String,
) -> Result<HashingSlot> {
    let name = caller.user.username.as_str();
    let slot = api.reserve_hashing(HashRequester::Recognized, client)?;
    let charged = api.begin_attempt(AttemptKind::OwnPassword(caller.user.id), client, Some(name)).await?;
    let found = api.store.users().find_by_name(name).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.as_str());
    let verdict = slot.verify(password, hash).await;
    if !verdict.map_err(|error| Problem::internal(&error))?.is_right() {
        AuditEvent::PasswordCheckFailed.line().from_address(client.address).user(name).write();
        return Err(Problem::field("current_password", "is not your password"));
    }
    api.limits.succeeded(charged).await?;
    Ok(slot)
}
