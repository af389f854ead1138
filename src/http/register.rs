//! Making accounts: the first admin, registration, invitations.

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
pub struct NewAccount {
    /// The name to sign in with.
    username: String,
    /// Its password.
    password: String,
    /// The invitation, where registration is by invitation.
    #[serde(default)]
    invite: Option<String>,
}

/// The first admin.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct SetUp {
    /// What the link that the program printed ends in.
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

/// Makes an account and signs in.
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
    // Never given back: each registration costs a hash and, where registration is open, an account; one that finds its name
    // taken has learnt something about the users.
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

/// Makes the first admin, with the link that the program printed, and signs in.
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
    if api.store.users().has_admin().await? {
        return Err(StoreError::AlreadySetUp.into());
    }
    let slot = api.reserve_hashing(HashRequester::Anonymous, client)?;
    let charged = api.begin_attempt(AttemptKind::Secret { network: client.network() }, client, None).await?;
    let given = RandomSecret::parse(SecretKind::SetUp, &setup.token).map(|secret| secret.hash());
    let expected = api.store.secrets().setup_token_hash().await?;
    let matches = match (given, expected) {
        (Some(given), Some(expected)) => bool::from(given.ct_eq(&expected)),
        _ => false,
    };
    if !matches {
        AuditEvent::SecretRejected.line().from_address(client.address).name("setup").write();
        return Err(Problem::forbidden("the set-up link is not the newest one; the program prints it when it starts"));
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

/// Checks the invitation before anything else, so that those without one can neither make this machine hash passwords
/// nor learn anything.
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

/// The refusal of an invitation that is not valid, which is audited.
fn reject_invite(username: &str, client: RequestClient) -> Problem {
    AuditEvent::SecretRejected.line().from_address(client.address).user(username).name("invite").write();
    Problem::field("invite", "is not valid (any more); ask for a new invitation")
}
