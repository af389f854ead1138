//! `/api/users`, `/api/admin/stats`: what admins do.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use superbot_domain::{Role, User, UserId, rfc3339};
use superbot_wire::ListPage;

use super::account_fields::{check_password, parse_name};
use super::api::Api;
use super::extract::{Admin, Body, Client, Id};
use super::step_up::authorize_step_up;
use crate::audit::AuditEvent;
use crate::auth::Requester;
use crate::health::Sign;
use crate::problem::{Problem, Result};

/// A page of users.
type UserPage = ListPage<UserView>;

/// A user as an admin sees them.
#[derive(Serialize, utoipa::ToSchema)]
pub struct UserView {
    id: i64,
    username: String,
    is_admin: bool,
    disabled: bool,
    created_at: String,
}

/// A user to be made.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct NewUser {
    username: String,
    password: String,
    #[serde(default)]
    is_admin: bool,
    /// The password of the signed-in admin; needed for an admin's account, unless an `admin` token asks.
    current_password: Option<String>,
}

/// A change to a user.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct UserChange {
    /// Whether the user is shut out.
    disabled: Option<bool>,
}

/// What there is.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Stats {
    users: i64,
    listings: i64,
    notifications: i64,
    /// Events in the log.
    events: i64,
    /// The newest event's `seq`.
    seq: u64,
    /// Events that this process has still to hand to its clients.
    log_lag: u64,
    /// What runs by itself in this process, by name.
    workers: Vec<WorkerView>,
    /// The store's size on disk.
    store_bytes: i64,
    /// Connections to this process.
    connections: usize,
    uptime_seconds: u64,
    version: &'static str,
}

/// Something that runs by itself, again and again.
#[derive(Serialize, utoipa::ToSchema)]
pub struct WorkerView {
    name: &'static str,
    /// Whether it has given a sign of life lately.
    ok: bool,
    /// When it last did; null when it has not yet.
    last_seen_at: Option<String>,
}

fn view(user: &User) -> UserView {
    UserView {
        id: user.id.get(),
        username: user.username.to_string(),
        is_admin: user.role == Role::Admin,
        disabled: user.disabled,
        created_at: rfc3339(user.created_at),
    }
}

/// Lists the users.
#[utoipa::path(get, path = "/api/users", tag = "admin", 
    responses((status = 200, description = "By name", body = UserPage)))]
pub async fn list(State(api): State<Arc<Api>>, _: Admin) -> Result<axum::Json<UserPage>> {
    let users = api.store.users().list().await?;
    Ok(axum::Json(ListPage::whole(users.iter().map(view).collect())))
}

/// Makes a user. Who makes an admin gives their own password once more.
#[utoipa::path(post, path = "/api/users", tag = "admin", request_body = NewUser,
    responses((status = 201, body = UserView), (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(api): State<Arc<Api>>,
    Admin(principal): Admin,
    client: Client,
    Body(new): Body<NewUser>,
) -> Result<(StatusCode, axum::Json<UserView>)> {
    let name = parse_name(&new.username)?;
    check_password("password", &new.password, &name, &api.config.auth)?;
    if new.is_admin {
        authorize_step_up(&api, &principal, "an admin's account", client, new.current_password).await?;
    }
    let hash = api.reserve_hashing(Requester::Recognized, client)?.hash(new.password).await;
    let hash = hash.map_err(|error| Problem::internal(&error))?;
    let role = if new.is_admin { Role::Admin } else { Role::User };
    let user = api.store.users().create(&name, role, &hash).await?;
    let line = AuditEvent::UserCreated.line().from_address(client.address);
    line.user(user.username.as_str()).by(principal.actor()).write();
    Ok((StatusCode::CREATED, axum::Json(view(&user))))
}

/// Shuts a user out, or lets them in again. Their sessions and live connections end at once.
#[utoipa::path(patch, path = "/api/users/{id}", tag = "admin", params(("id" = i64, Path)), request_body = UserChange,
    responses((status = 200, body = UserView), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn update(
    State(api): State<Arc<Api>>,
    Admin(principal): Admin,
    client: Client,
    Id(id): Id,
    Body(change): Body<UserChange>,
) -> Result<axum::Json<UserView>> {
    let id = UserId::from(id);
    if change.disabled == Some(true) && principal.user_id() == Some(id) {
        return Err(Problem::conflict("own_account", "you cannot shut yourself out"));
    }
    let changed = match change.disabled {
        Some(disabled) => api.store.users().set_disabled(id, disabled).await?,
        None => api.store.users().get(id).await?,
    };
    let user = changed.ok_or_else(|| Problem::not_found("there is no such user"))?;
    if let Some(disabled) = change.disabled {
        let event = if disabled { AuditEvent::UserDisabled } else { AuditEvent::UserEnabled };
        event.line().from_address(client.address).user(user.username.as_str()).by(principal.actor()).write();
    }
    Ok(axum::Json(view(&user)))
}

/// How much there is of everything, and whether all that runs by itself is alive.
#[utoipa::path(get, path = "/api/admin/stats", tag = "admin", responses((status = 200, body = Stats)))]
pub async fn stats(State(api): State<Arc<Api>>, Admin(principal): Admin) -> Result<axum::Json<Stats>> {
    let store = api.store.clone();
    let counts = api.queries.run(&*principal, async move { store.counts().await }).await?;
    let (handed_out, head) = (api.metrics.log_seq(), api.store.events().bounds().await?.head);
    let worker = |sign: Sign| WorkerView {
        name: sign.task,
        ok: sign.ailment.is_none(),
        last_seen_at: sign.last_seen_at.map(rfc3339),
    };
    Ok(axum::Json(Stats {
        users: counts.users,
        listings: counts.listings,
        notifications: counts.notifications,
        events: counts.events,
        seq: head,
        log_lag: head.saturating_sub(handed_out),
        workers: api.health.signs().into_iter().map(worker).collect(),
        store_bytes: counts.bytes,
        connections: api.publisher.connections_here(),
        uptime_seconds: api.started_at.elapsed().as_secs(),
        version: env!("CARGO_PKG_VERSION"),
    }))
}
