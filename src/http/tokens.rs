//! `/api/tokens`: API tokens, shown once.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use superbot_domain::{Scope, TokenId, rfc3339};
use superbot_store::Token;

use super::Api;
use super::extract::{Body, Caller, Id};
use crate::auth::{Principal, Secret, SecretKind};
use crate::problem::{Problem, Result};

/// API tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Tokens {
    /// Newest first.
    items: Vec<TokenView>,
    /// Always null: all are listed.
    next_cursor: Option<String>,
}

/// An API token, without its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TokenView {
    id: i64,
    name: String,
    /// `user`, `publish` or `admin`.
    scope: String,
    /// Whose it is, if anybody's.
    user_id: Option<i64>,
    /// How it begins, to tell it from others.
    hint: String,
    created_at: String,
    last_used_at: Option<String>,
}

/// A token to be made.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewToken {
    /// What to call it.
    name: String,
    /// `user`, `publish` or `admin`; the latter two are for admins to make.
    scope: String,
}

/// A token just made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MadeToken {
    /// The token itself, shown only now.
    token: String,
    #[serde(flatten)]
    view: TokenView,
}

fn view(token: Token) -> TokenView {
    TokenView {
        id: token.id.get(),
        name: token.name,
        scope: token.scope.to_string(),
        user_id: token.owner.map(superbot_domain::UserId::get),
        hint: token.prefix,
        created_at: rfc3339(token.created_at),
        last_used_at: token.last_used_at.map(rfc3339),
    }
}

/// Whose tokens a caller may see and revoke: an admin everyone's, a user their own.
fn reach(principal: &Principal) -> Result<Option<superbot_domain::UserId>> {
    if principal.may_administer().is_ok() {
        return Ok(None);
    }
    Ok(Some(principal.as_user()?.user.id))
}

/// Lists the caller's tokens; an admin's call lists everyone's.
#[utoipa::path(get, path = "/api/tokens", tag = "auth", responses((status = 200, body = Tokens)))]
pub async fn list(State(api): State<Arc<Api>>, Caller(principal): Caller) -> Result<axum::Json<Tokens>> {
    let tokens = api.store.tokens(reach(&principal)?).await?;
    Ok(axum::Json(Tokens { items: tokens.into_iter().map(view).collect(), next_cursor: None }))
}

/// Makes a token that belongs to the caller, and shows it once.
#[utoipa::path(post, path = "/api/tokens", tag = "auth", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(api): State<Arc<Api>>,
    Caller(principal): Caller,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, axum::Json<MadeToken>)> {
    let scope: Scope = new.scope.parse().map_err(|_| {
        let given = &new.scope;
        Problem::field("scope", format!("is {given:?}; it must be user, publish or admin"))
    })?;
    let name = parse_token_name(&new.name)?;
    let owner = match scope {
        Scope::User => Some(principal.as_user()?.user.id),
        Scope::Publish | Scope::Admin => {
            principal.may_administer()?;
            principal.user_id()
        }
    };
    let secret = Secret::generate(SecretKind::ApiToken);
    let token = api.store.create_token(name, scope, owner, secret.hash(), secret.hint()).await?;
    let made = MadeToken { token: secret.reveal().to_owned(), view: view(token) };
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// Revokes a token: it is refused from now on, and its live connections end.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "auth", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn revoke(State(api): State<Arc<Api>>, Caller(principal): Caller, Id(id): Id) -> Result<StatusCode> {
    if api.store.revoke_token(TokenId::from(id), reach(&principal)?).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found("there is no such token of yours"))
    }
}

/// Reads a token's name.
fn parse_token_name(text: &str) -> Result<&str> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(Problem::field("name", "must have 1 to 100 characters"));
    }
    Ok(name)
}
