//! `/api/auth`: signing in and out, and one's own account.

use std::sync::Arc;

use axum::extract::State;
use axum::response::IntoResponse;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::StatusCode;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use superbot_domain::{Role, User, rfc3339};
use superbot_store::NewSession;

use super::Api;
use super::extract::{Body, Caller, SignedIn};
use super::register::check_password;
use crate::auth::{Credential, Principal, SESSION_COOKIE, Secret, SecretKind, Verdict, credential};
use crate::problem::{Problem, Result};

/// A name and its password.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct SignIn {
    /// The name one signs in with.
    username: String,
    /// The password that goes with it.
    password: String,
}

/// A user as they see themselves.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Me {
    /// Our id of the user; null for a token that belongs to nobody.
    pub id: Option<i64>,
    /// The name one signs in with.
    pub username: Option<String>,
    /// Whether the user may do everything.
    pub is_admin: bool,
    /// When the account was made.
    pub created_at: Option<String>,
}

impl Me {
    /// What a user is told of themselves.
    pub fn of(user: &User) -> Self {
        Self {
            id: Some(user.id.get()),
            username: Some(user.username.to_string()),
            is_admin: user.role == Role::Admin,
            created_at: Some(rfc3339(user.created_at)),
        }
    }
}

/// Signs in: sets the session cookie.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", request_body = SignIn,
    responses((status = 200, body = Me), (status = 401, body = Problem), (status = 429, body = Problem)))]
pub async fn login(
    State(api): State<Arc<Api>>,
    jar: CookieJar,
    parts: Parts,
    Body(sign_in): Body<SignIn>,
) -> Result<impl IntoResponse> {
    api.edge.refuse_forgery(&parts)?;
    let tried = api.limits.begin_try(api.edge.client_address(&parts), &sign_in.username).await?;
    let found = api.store.user_by_name(&sign_in.username).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.as_str());
    let verdict = api.passwords.verify(sign_in.password.clone(), hash).await;
    let verdict = verdict.map_err(|error| Problem::internal(&error))?;
    match found {
        Some((user, hash)) if verdict.is_right() && !user.disabled => {
            api.limits.succeeded(tried).await?;
            if verdict == Verdict::RightButForeign {
                replace_hash(&api, &user, &hash, sign_in.password).await;
            }
            let cookie = open_session(&api, &user, &parts).await?;
            Ok((jar.add(cookie), axum::Json(Me::of(&user))))
        }
        // The same words whether the name or the password is wrong, or the account disabled.
        _ => Err(Problem::unauthenticated("that name and password do not go together")),
    }
}

/// Puts a hash of our own in the place of another program's. That this fails keeps nobody out: the next sign-in tries again.
async fn replace_hash(api: &Api, user: &User, old: &str, password: String) {
    let replaced = async { Ok(api.store.rehash_password(user.id, old, &api.passwords.hash(password).await?).await?) };
    let replaced: anyhow::Result<()> = replaced.await;
    if let Err(error) = replaced {
        tracing::warn!(user = user.id.get(), %error, "the hash of a password was not replaced by one of our own");
    }
}

/// Opens a session for a user who has just proved who they are.
pub async fn open_session(api: &Api, user: &User, parts: &Parts) -> Result<Cookie<'static>> {
    let (session, cookie) = new_session(api, parts);
    api.store.create_session(user.id, session).await?;
    Ok(cookie)
}

/// A session to be begun, and the cookie that its browser keeps.
pub fn new_session(api: &Api, parts: &Parts) -> (NewSession, Cookie<'static>) {
    let secret = Secret::generate(SecretKind::Session);
    let agent = parts.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
    let address = api.edge.client_address(parts).map(|address| address.to_string());
    let lasts = api.config.auth.session;
    let session = NewSession {
        token_hash: secret.hash(),
        user_agent: agent.unwrap_or_default().chars().take(300).collect(),
        address: address.unwrap_or_default(),
        expires_at: api.clock.now() + lasts,
    };
    let cookie = Cookie::build((SESSION_COOKIE, secret.reveal().to_owned()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(api.edge.is_https(parts))
        .max_age(lasts.try_into().unwrap_or_default())
        .build();
    (session, cookie)
}

/// Signs out: ends the session, and every live connection made with it.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", responses((status = 204)))]
pub async fn logout(State(api): State<Arc<Api>>, jar: CookieJar, parts: Parts) -> Result<impl IntoResponse> {
    api.edge.refuse_forgery(&parts)?;
    if let Some(session @ Credential::Session(_)) = credential(&parts.headers)?
        && let Some(principal) = api.auth.authenticate(&session, api.clock.now()).await?
        && let Principal::Session { id, user } = &*principal
    {
        api.store.revoke_session(user.id, *id).await?;
    }
    Ok((jar.remove(Cookie::build(SESSION_COOKIE).path("/")), StatusCode::NO_CONTENT))
}

/// Who is asking.
#[utoipa::path(get, path = "/api/auth/me", tag = "auth",
    responses((status = 200, body = Me), (status = 401, body = Problem)))]
pub async fn me(Caller(principal): Caller) -> axum::Json<Me> {
    axum::Json(match principal.user() {
        Some(user) => Me::of(user),
        None => Me { id: None, username: None, is_admin: principal.may_administer().is_ok(), created_at: None },
    })
}

/// A change of password.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct PasswordChange {
    /// The password until now.
    current_password: String,
    /// The password from now on.
    new_password: String,
}

/// Changes one's password; every other session of the user ends.
#[utoipa::path(post, path = "/api/auth/password", tag = "auth", request_body = PasswordChange,
    responses((status = 204), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn password(
    State(api): State<Arc<Api>>,
    caller: SignedIn,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode> {
    let user = caller.user();
    let name = user.username.as_str();
    check_password("new_password", &change.new_password, &api.config.auth)?;
    let tried = api.limits.begin_try(None, name).await?;
    let found = api.store.user_by_name(name).await?;
    let hash = found.as_ref().map(|(_, hash)| hash.as_str());
    let verdict = api.passwords.verify(change.current_password, hash).await;
    if !verdict.map_err(|error| Problem::internal(&error))?.is_right() {
        return Err(Problem::field("current_password", "is not your password"));
    }
    api.limits.succeeded(tried).await?;
    let hash = api.passwords.hash(change.new_password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    api.store.set_password(user.id, &hash, caller.0.session).await?;
    Ok(StatusCode::NO_CONTENT)
}
