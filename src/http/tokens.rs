//! `/api/tokens`: management of API tokens.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use superbot_domain::{TokenId, TokenScope, quoted};
use superbot_wire::{CreatedToken, ListPage, TokenView};

use super::api::ApiState;
use super::extract::{Caller, JsonBody, PathId, QueryParams, RequestClient};
use super::listings::page_size;
use super::step_up::authorize_step_up;
use crate::audit::AuditEvent;
use crate::auth::{Principal, RandomSecret, SecretKind};
use crate::problem::{Problem, Result};

type TokenPage = ListPage<TokenView>;
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TokenFilter {
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
    /// Page size, at most 200; 50 by default.
    limit: Option<u32>,
    /// Only the caller's own tokens, also for admins.
    #[serde(default)]
    mine: bool,
}

/// A new token.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What to call it.
    name: String,
    /// `user`, `publish`, `metrics` or `admin`; all but the first are for admins to make, with their password or an
    /// `admin` token.
    scope: String,
    /// The password of the signed-in admin; needed for every scope but `user`, unless an `admin` token asks.
    current_password: Option<String>,
}

/// Returns whose tokens a caller may see and revoke: `None` for an admin, who may see all.
fn reach(principal: &Principal) -> Result<Option<superbot_domain::UserId>> {
    if principal.may_administer().is_ok() {
        return Ok(None);
    }
    Ok(Some(principal.as_user()?.user.id))
}

/// Lists the caller's tokens; an admin's call lists everyone's, unless `mine` is true.
#[utoipa::path(get, path = "/api/tokens", operation_id = "listTokens", tag = "auth", params(TokenFilter),
    responses((status = 200, description = "Newest first", body = TokenPage), (status = 422, body = Problem)))]
pub async fn list(
    State(api): State<Arc<ApiState>>,
    Caller(principal): Caller,
    QueryParams(filter): QueryParams<TokenFilter>,
) -> Result<axum::Json<TokenPage>> {
    let owner = if filter.mine { Some(principal.as_user()?.user.id) } else { reach(&principal)? };
    let page = api.store.tokens().page(owner, filter.cursor.as_deref(), page_size(filter.limit)?).await?;
    Ok(axum::Json(ListPage { items: page.items.iter().map(TokenView::from).collect(), next_cursor: page.next_cursor }))
}

/// Creates a token that belongs to the caller, and shows it once.
#[utoipa::path(post, path = "/api/tokens", operation_id = "createToken", tag = "auth", request_body = NewToken,
    responses((status = 201, body = CreatedToken), (status = 403, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem), (status = 429, body = Problem), (status = 503, body = Problem)))]
pub async fn create(
    State(api): State<Arc<ApiState>>,
    Caller(principal): Caller,
    client: RequestClient,
    JsonBody(new): JsonBody<NewToken>,
) -> Result<(StatusCode, axum::Json<CreatedToken>)> {
    let scope: TokenScope = new.scope.parse().map_err(|_| {
        Problem::field("scope", format!("is {}; it must be {}", quoted(&new.scope), TokenScope::NAMES.join(", ")))
    })?;
    let name = parse_token_name(&new.name)?;
    let owner = match scope {
        TokenScope::User => Some(principal.as_user()?.user.id),
        TokenScope::Publish | TokenScope::Metrics | TokenScope::Admin => {
            // These exceed the rights of a `user` token, which cannot do more than its owner.
            let made = format!("a token of scope {scope}");
            authorize_step_up(&api, &principal, &made, client, new.current_password).await?;
            principal.user_id()
        }
    };
    let secret = RandomSecret::generate(SecretKind::ApiToken);
    let token = api.store.tokens().create(name, scope, owner, secret.hash(), secret.hint()).await?;
    let line = AuditEvent::TokenCreated.line().from_address(client.address).by(principal.actor());
    line.id(token.id.get()).name(&token.name).scope(scope).write();
    let created = CreatedToken { token: secret.reveal().to_owned(), view: (&token).into() };
    Ok((StatusCode::CREATED, axum::Json(created)))
}

/// Revokes a token: it is refused from now on, and its live connections are closed.
#[utoipa::path(delete, path = "/api/tokens/{id}", operation_id = "revokeToken", tag = "auth",
    params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn revoke(
    State(api): State<Arc<ApiState>>,
    Caller(principal): Caller,
    client: RequestClient,
    PathId(id): PathId,
) -> Result<StatusCode> {
    if !api.store.tokens().revoke(TokenId::from(id), reach(&principal)?).await? {
        return Err(Problem::not_found("you have no such token"));
    }
    AuditEvent::TokenRevoked.line().from_address(client.address).by(principal.actor()).id(id).write();
    Ok(StatusCode::NO_CONTENT)
}
fn parse_token_name(text: &str) -> Result<&str> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::field("name", "must have 1 to 100 characters"));
    }
    Ok(name)
}
