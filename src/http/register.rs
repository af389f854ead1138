//! Creation of accounts by their users: the first admin, registration, invitations.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use axum_extra::extract::CookieJar;
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use superbot_domain::UserRole;
use superbot_store::StoreError;
use superbot_wire::{CallerView, SignInOptions};

use super::account::open_session;
use super::account_fields::{check_password, parse_name};
use super::api::ApiState;
use super::extract::{JsonBody, RequestClient};
use super::limits::AttemptKind;
use crate::audit::AuditEvent;
use crate::auth::{HashRequester, RandomSecret, SecretKind};
use crate::config::RegistrationPolicy;
use crate::problem::{Problem, Result};

/// A new account.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The user name.
    username: String,
    /// The password.
    password: String,
    /// The invitation, if registration is by invitation.
    #[serde(default)]
    invite: Option<String>,
}

/// The first admin.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// The token at the end of the link that the program printed.
    token: String,
    /// The admin's name.
    username: String,
    /// The admin's password.
    password: String,
}

/// What the sign-in page offers.
#[utoipa::path(get, path = "/api/auth/options", operation_id = "getSignInOptions", tag = "auth",
    responses((status = 200, body = SignInOptions)))]
pub async fn options(State(api): State<Arc<ApiState>>) -> Result<axum::Json<SignInOptions>> {
    let registration = match api.config.auth.registration {
        RegistrationPolicy::Closed => "closed",
        RegistrationPolicy::Invite => "invite",
        RegistrationPolicy::Open => "open",
    };
    let setup_needed = !api.store.users().has_admin().await?;
    Ok(axum::Json(SignInOptions { registration, setup_needed }))
}

/// Creates an account and signs in.
#[utoipa::path(post, path = "/api/auth/register", operation_id = "registerAccount", tag = "auth",
    request_body = NewAccount,
    responses((status = 201, body = CallerView), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn register(
    State(api): State<Arc<ApiState>>,
    jar: CookieJar,
    client: RequestClient,
    parts: Parts,
    JsonBody(account): JsonBody<NewAccount>,
) -> Result<impl IntoResponse> {
    api.edge.refuse_forgery(&parts)?;
    if api.config.auth.registration == RegistrationPolicy::Closed {
        return Err(Problem::forbidden("registration is closed; ask the admin for an account"));
    }
    let invite = match api.config.auth.registration {
        RegistrationPolicy::Invite => Some(check_invite(&api, &account, client).await?),
        RegistrationPolicy::Open | RegistrationPolicy::Closed => None,
    };
    let name = parse_name(&account.username)?;
    check_password("password", &account.password, &name, &api.config.auth)?;
    let slot = api.reserve_hashing(HashRequester::Anonymous, client)?;
    // Never refunded: each registration costs a hash and, if registration is open, creates an account; a rejected one has
    // revealed that a name is taken.
    let _ = api.begin_attempt(AttemptKind::Secret { network: client.network() }, client, Some(name.as_str())).await?;
    let hash = slot.hash(account.password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    let is_invited = invite.is_some();
    let registered = match invite {
        None => api.store.users().create(&name, UserRole::User, &hash).await,
        Some(secret) => api.store.invites().redeem(&name, &hash, secret.hash()).await,
    };
    if matches!(registered, Err(StoreError::BadInvite)) {
        return Err(reject_invite(&account.username, client));
    }
    let user = registered?;
    let event = if is_invited { AuditEvent::InviteUsed } else { AuditEvent::UserCreated };
    event.line().from_address(client.address).user(user.username.as_str()).write();
    let jar = open_session(&api, jar, &user, client, &parts).await?;
    Ok((StatusCode::CREATED, jar, axum::Json(CallerView::from(&user))))
}

/// Creates the first admin through the link that the program printed, and signs in.
#[utoipa::path(post, path = "/api/setup", operation_id = "createFirstAdmin", tag = "auth", request_body = SetUp,
    responses((status = 201, body = CallerView), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn setup(
    State(api): State<Arc<ApiState>>,
    jar: CookieJar,
    client: RequestClient,
    parts: Parts,
    JsonBody(setup): JsonBody<SetUp>,
) -> Result<impl IntoResponse> {
    api.edge.refuse_forgery(&parts)?;
    // Checked again, within the transaction, by `create_first_admin`; here it only saves the work below.
    if api.store.users().has_admin().await? {
        return Err(StoreError::AlreadySetUp.into());
    }
    let slot = api.reserve_hashing(HashRequester::Anonymous, client)?;
    let charged = api.begin_attempt(AttemptKind::Secret { network: client.network() }, client, None).await?;
    let given = RandomSecret::parse(SecretKind::SetUp, &setup.token).map(|secret| secret.hash());
    let expected = api.store.secrets().setup_token_hash().await?;
    // Compared in constant time.
    let matches = match (given, expected) {
        (Some(given), Some(expected)) => bool::from(given.ct_eq(&expected)),
        _ => false,
    };
    if !matches {
        AuditEvent::SecretRejected.line().from_address(client.address).name("setup").write();
        return Err(Problem::forbidden("the set-up link is outdated; the program prints the current one at startup"));
    }
    api.limits.succeeded(charged).await?;
    let name = parse_name(&setup.username)?;
    check_password("password", &setup.password, &name, &api.config.auth)?;
    let hash = slot.hash(setup.password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    let user = api.store.users().create_first_admin(&name, &hash).await?;
    AuditEvent::SetUp.line().from_address(client.address).user(user.username.as_str()).write();
    let jar = open_session(&api, jar, &user, client, &parts).await?;
    Ok((StatusCode::CREATED, jar, axum::Json(CallerView::from(&user))))
}

/// Checks the invitation before anything else, so that clients without one can neither occupy the hashing threads nor probe
/// for names.
async fn check_invite(api: &ApiState, account: &NewAccount, client: RequestClient) -> Result<RandomSecret> {
    let Some(text) = account.invite.as_deref() else {
        return Err(Problem::field("invite", "is required: registration is by invitation"));
    };
    let attempt = AttemptKind::Secret { network: client.network() };
    let charged = api.begin_attempt(attempt, client, Some(&account.username)).await?;
    let rejected = || reject_invite(&account.username, client);
    let secret = RandomSecret::parse(SecretKind::Invite, text).ok_or_else(rejected)?;
    if !api.store.invites().is_valid(&secret.hash()).await? {
        return Err(rejected());
    }
    api.limits.succeeded(charged).await?;
    Ok(secret)
}

/// Returns the error for an invalid invitation, and writes it to the audit log.
fn reject_invite(username: &str, client: RequestClient) -> Problem {
    AuditEvent::SecretRejected.line().from_address(client.address).user(username).name("invite").write();
    Problem::field("invite", "is not valid (any more); ask for a new invitation")
}
