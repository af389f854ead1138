//! `DELETE /api/users/{id}` and `DELETE /api/listings/{id}`: permanent removal by admins.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use superbot_domain::{ListingId, UserId};

use super::api::ApiState;
use super::extract::{AdminCaller, PathId, RequestClient};
use super::listings::no_listing;
use crate::audit::AuditEvent;
use crate::problem::{Problem, Result};

/// Removes a user and all of their data; their live connections are closed at once.
#[utoipa::path(delete, path = "/api/users/{id}", operation_id = "deleteUser", tag = "admin", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem), (status = 409, body = Problem)))]
pub async fn user(
    State(api): State<Arc<ApiState>>,
    AdminCaller(principal): AdminCaller,
    client: RequestClient,
    PathId(id): PathId,
) -> Result<StatusCode> {
    let id = UserId::from(id);
    // Admins must not lock themselves out by mistake.
    if principal.user_id() == Some(id) {
        return Err(Problem::conflict("own_account", "you cannot remove your own account"));
    }
    let removed = api.store.users().delete(id).await?;
    let user = removed.ok_or_else(|| Problem::not_found("there is no such user"))?;
    let line = AuditEvent::UserRemoved.line().from_address(client.address).by(principal.actor());
    line.user(user.username.as_str()).id(id.get()).write();
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a listing, also from all favourites. If it is posted again it comes back, without a second notification.
#[utoipa::path(delete, path = "/api/listings/{id}", operation_id = "deleteListing", tag = "listings",
    params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn listing(
    State(api): State<Arc<ApiState>>,
    AdminCaller(principal): AdminCaller,
    client: RequestClient,
    PathId(id): PathId,
) -> Result<StatusCode> {
    if !api.store.listings().delete(ListingId::from(id)).await? {
        return Err(no_listing());
    }
    AuditEvent::ListingRemoved.line().from_address(client.address).by(principal.actor()).id(id).write();
    Ok(StatusCode::NO_CONTENT)
}
