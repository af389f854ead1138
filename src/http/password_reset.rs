//! `/api/users/{id}/password-reset` and `/api/auth/reset`: reset of a forgotten password.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use axum_extra::extract::cookie::CookieJar;
use http::StatusCode;
use http::request::Parts;
use serde::Deserialize;
use superbot_domain::{UserId, UserRole};
use superbot_store::ResetOutcome;
use superbot_wire::{CallerView, CreatedPasswordReset};

use super::account::new_session;
use super::account_fields::check_password;
use super::api::ApiState;
use super::cookies;
use super::extract::{AdminCaller, JsonBody, OptionalBody, PathId, RequestClient};
use super::limits::AttemptKind;
use super::step_up::authorize_step_up;
use crate::audit::AuditEvent;
use crate::auth::{HashRequester, PASSWORD_RESET_LASTS, RandomSecret, SecretKind};
use crate::problem::{Problem, Result};

/// Input for a password reset link.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasswordReset {
    /// The password of the signed-in admin; needed for a link of an admin, unless an `admin` token asks.
    current_password: Option<String>,
}

/// A new password, set through a reset link.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The token at the end of the link.
    token: String,
    /// The new password.
    password: String,
    /// Whether the user's API tokens are revoked too; they are unless this is `false`.
    #[serde(default = "yes")]
    revoke_tokens: bool,
}

/// Tokens are revoked by default: a person who knew the old password may have created some.
fn yes() -> bool {
    true
}

/// Creates a link with which a user chooses a new password, valid once and for a day. It replaces an earlier one. Creating
/// one for an admin from a session requires the caller's own password again.
#[utoipa::path(post, path = "/api/users/{id}/password-reset", operation_id = "createPasswordReset", tag = "admin",
    params(("id" = i64, Path)),
    request_body = Option<NewPasswordReset>,
    responses((status = 201, body = CreatedPasswordReset), (status = 404, body = Problem),
        (status = 409, body = Problem)))]
pub async fn create(
    State(api): State<Arc<ApiState>>,
    AdminCaller(principal): AdminCaller,
    client: RequestClient,
    PathId(id): PathId,
    OptionalBody(new): OptionalBody<NewPasswordReset>,
) -> Result<(StatusCode, Json<CreatedPasswordReset>)> {
    let user = api.store.users().get(UserId::from(id)).await?;
    if user.is_some_and(|user| user.role == UserRole::Admin) {
        let password = new.unwrap_or_default().current_password;
        authorize_step_up(&api, &principal, "a password reset link of an admin", client, password).await?;
    }
    let secret = RandomSecret::generate(SecretKind::PasswordReset);
    let expires_at = api.clock.now() + PASSWORD_RESET_LASTS;
    match api.store.password_resets().create(UserId::from(id), secret.hash(), expires_at).await? {
        ResetOutcome::NoSuchUser => Err(Problem::not_found(format!("there is no user {id}"))),
        ResetOutcome::Disabled => {
            Err(Problem::conflict("user_disabled", "that user is disabled; enable the account first"))
        }
        ResetOutcome::Made(user) => {
            let line = AuditEvent::ResetLinkCreated.line().from_address(client.address);
            line.user(user.username.as_str()).by(principal.actor()).write();
            let created = CreatedPasswordReset { token: secret.reveal().to_owned(), expires_at: expires_at.into() };
            Ok((StatusCode::CREATED, Json(created)))
        }
    }
}

/// Chooses a new password with a link, and signs in; every other session of the user ends, and API tokens are revoked.
#[utoipa::path(post, path = "/api/auth/reset", operation_id = "resetPassword", tag = "auth", request_body = NewPassword,
    responses((status = 200, body = CallerView), (status = 403, body = Problem), (status = 422, body = Problem),
        (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn redeem(
    State(api): State<Arc<ApiState>>,
    jar: CookieJar,
    client: RequestClient,
    parts: Parts,
    JsonBody(new): JsonBody<NewPassword>,
) -> Result<impl IntoResponse> {
    api.edge.refuse_forgery(&parts)?;
    let charged = api.begin_attempt(AttemptKind::Secret { network: client.network() }, client, None).await?;
    let refused = || {
        AuditEvent::SecretRejected.line().from_address(client.address).name("reset").write();
        Problem::bad_reset_token()
    };
    let token = RandomSecret::parse(SecretKind::PasswordReset, &new.token).ok_or_else(refused)?.hash();
    // Looked up before hashing, so that clients without a valid link cannot occupy the hashing threads.
    let user = api.store.password_resets().find_user(&token).await?.ok_or_else(refused)?;
    // Refunded even if the new password is rejected below: the link was valid.
    api.limits.succeeded(charged).await?;
    check_password("password", &new.password, &user.username, &api.config.auth)?;
    let slot = api.reserve_hashing(HashRequester::Recognized, client)?;
    let hash = slot.hash(new.password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    let (session, secret) = new_session(&api, client, &parts);
    let reset = api.store.password_resets().redeem(token, &hash, session, !new.revoke_tokens).await?;
    let (user, revoked) = reset.ok_or_else(refused)?;
    let line = AuditEvent::ResetLinkUsed.line().from_address(client.address).user(user.username.as_str());
    line.count(revoked).write();
    let jar = cookies::begin(&api, jar, &parts, &user, &secret).await?;
    Ok((jar, Json(CallerView::from(&user))))
}
