//! `/api/users` and `/api/admin/stats`: operations of admins.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Deserialize;
use superbot_domain::{UserId, UserRole};
use superbot_wire::{ListPage, Rfc3339, StatsView, UserView, WorkerView};

use super::account_fields::{check_password, parse_name};
use super::api::ApiState;
use super::extract::{AdminCaller, JsonBody, PathId, RequestClient};
use super::step_up::authorize_step_up;
use crate::audit::AuditEvent;
use crate::auth::HashRequester;
use crate::health::TaskStatus;
use crate::problem::{Problem, Result};

type UserPage = ListPage<UserView>;

/// A new user.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The name that the user signs in with.
    username: String,
    /// The user's first password.
    password: String,
    /// Whether the user may do everything.
    #[serde(default)]
    is_admin: bool,
    /// The password of the signed-in admin; needed for an admin's account, unless an `admin` token asks.
    current_password: Option<String>,
}

/// A change to a user.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Whether the account is disabled; unchanged if absent.
    disabled: Option<bool>,
}

/// Lists the users.
#[utoipa::path(get, path = "/api/users", operation_id = "listUsers", tag = "admin",
    responses((status = 200, description = "By name", body = UserPage)))]
pub async fn list(State(api): State<Arc<ApiState>>, _: AdminCaller) -> Result<axum::Json<UserPage>> {
    let users = api.store.users().list().await?;
    Ok(axum::Json(ListPage::whole(users.iter().map(UserView::from).collect())))
}

/// Creates a user. Creating an admin from a session requires the caller's own password again.
#[utoipa::path(post, path = "/api/users", operation_id = "createUser", tag = "admin", request_body = NewUser,
    responses((status = 201, body = UserView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(api): State<Arc<ApiState>>,
    AdminCaller(principal): AdminCaller,
    client: RequestClient,
    JsonBody(new): JsonBody<NewUser>,
) -> Result<(StatusCode, axum::Json<UserView>)> {
    let name = parse_name(&new.username)?;
    check_password("password", &new.password, &name, &api.config.auth)?;
    if new.is_admin {
        authorize_step_up(&api, &principal, "an admin's account", client, new.current_password).await?;
    }
    let hash = api.reserve_hashing(HashRequester::Recognized, client)?.hash(new.password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    let role = if new.is_admin { UserRole::Admin } else { UserRole::User };
    let user = api.store.users().create(&name, role, &hash).await?;
    let line = AuditEvent::UserCreated.line().from_address(client.address);
    line.user(user.username.as_str()).by(principal.actor()).write();
    Ok((StatusCode::CREATED, axum::Json((&user).into())))
}

/// Disables a user, or enables them again. Disabling ends their sessions and live connections at once.
#[utoipa::path(patch, path = "/api/users/{id}", operation_id = "updateUser", tag = "admin", params(("id" = i64, Path)),
    request_body = UserChange,
    responses((status = 200, body = UserView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn update(
    State(api): State<Arc<ApiState>>,
    AdminCaller(principal): AdminCaller,
    client: RequestClient,
    PathId(id): PathId,
    JsonBody(change): JsonBody<UserChange>,
) -> Result<axum::Json<UserView>> {
    let id = UserId::from(id);
    if change.disabled == Some(true) && principal.user_id() == Some(id) {
        return Err(Problem::conflict("own_account", "you cannot disable your own account"));
    }
    let missing = || Problem::not_found("there is no such user");
    // Looked up even if nothing changes, so that an unknown id is a 404.
    let known = api.store.users().get(id).await?.ok_or_else(missing)?;
    let user = match change.disabled {
        Some(disabled) => api.store.users().set_disabled(id, disabled).await?.ok_or_else(missing)?,
        None => known,
    };
    if let Some(disabled) = change.disabled {
        let event = if disabled { AuditEvent::UserDisabled } else { AuditEvent::UserEnabled };
        event.line().from_address(client.address).user(user.username.as_str()).by(principal.actor()).write();
    }
    Ok(axum::Json((&user).into()))
}

/// Returns the amount of stored data, and the state of the background workers.
#[utoipa::path(get, path = "/api/admin/stats", operation_id = "getStats", tag = "admin",
    responses((status = 200, body = StatsView)))]
pub async fn stats(
    State(api): State<Arc<ApiState>>,
    AdminCaller(principal): AdminCaller,
) -> Result<axum::Json<StatsView>> {
    let store = api.store.clone();
    let counts = api.queries.run(&*principal, async move { store.counts().await }).await?;
    // Their difference is the lag of this server's delivery.
    let handed_out = api.metrics.log_seq();
    let head = api.store.events().bounds().await?.head;
    let worker = |sign: TaskStatus| WorkerView {
        name: sign.task,
        ok: sign.problem.is_none(),
        last_seen_at: sign.last_seen_at.map(Rfc3339::from),
    };
    Ok(axum::Json(StatsView {
        users: counts.users,
        listings: counts.listings,
        notifications: counts.notifications,
        events: counts.events,
        seq: head,
        log_lag: head.saturating_sub(handed_out),
        workers: api.health.task_statuses().into_iter().map(worker).collect(),
        store_bytes: counts.bytes,
        connections: api.publisher.connections_here(),
        uptime_seconds: api.started_at.elapsed().as_secs(),
        version: env!("CARGO_PKG_VERSION"),
    }))
}
