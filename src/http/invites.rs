//! `/api/invites`: invitations to register.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use superbot_domain::InviteId;
use superbot_wire::{CreatedInvite, InviteView, ListPage};

use super::api::ApiState;
use super::extract::{AdminCaller, PathId, QueryParams, RequestClient};
use super::listings::{PageRange, page_size};
use crate::audit::AuditEvent;
use crate::auth::{RandomSecret, SecretKind};
use crate::problem::{Problem, Result};

type InvitePage = ListPage<InviteView>;

/// Validity of an invitation.
const INVITE_LASTS: Duration = Duration::from_hours(7 * 24);

/// Lists the invitations, also those that were used or expired, until they are removed a while later.
#[utoipa::path(get, path = "/api/invites", operation_id = "listInvites", tag = "admin", params(PageRange),
    responses((status = 200, description = "Newest first", body = InvitePage), (status = 422, body = Problem)))]
pub async fn list(
    State(api): State<Arc<ApiState>>,
    _: AdminCaller,
    QueryParams(paging): QueryParams<PageRange>,
) -> Result<Json<InvitePage>> {
    let page = api.store.invites().page(paging.cursor.as_deref(), page_size(paging.limit)?).await?;
    let items = page.items.iter().map(InviteView::from);
    Ok(Json(ListPage { items: items.collect(), next_cursor: page.next_cursor }))
}

/// Creates an invitation, valid once and for a week.
#[utoipa::path(post, path = "/api/invites", operation_id = "createInvite", tag = "admin",
    responses((status = 201, body = CreatedInvite)))]
pub async fn create(
    State(api): State<Arc<ApiState>>,
    AdminCaller(principal): AdminCaller,
    client: RequestClient,
) -> Result<(StatusCode, Json<CreatedInvite>)> {
    let secret = RandomSecret::generate(SecretKind::Invite);
    let expires_at = api.clock.now() + INVITE_LASTS;
    let id = api.store.invites().create(principal.user_id(), secret.hash(), expires_at).await?;
    AuditEvent::InviteCreated.line().from_address(client.address).by(principal.actor()).id(id.get()).write();
    let invite = CreatedInvite { id, invite: secret.reveal().to_owned(), expires_at: expires_at.into() };
    Ok((StatusCode::CREATED, Json(invite)))
}

/// Revokes an unused invitation.
#[utoipa::path(delete, path = "/api/invites/{id}", operation_id = "revokeInvite", tag = "admin",
    params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn revoke(
    State(api): State<Arc<ApiState>>,
    AdminCaller(principal): AdminCaller,
    client: RequestClient,
    PathId(id): PathId,
) -> Result<StatusCode> {
    if !api.store.invites().revoke(InviteId::from(id)).await? {
        return Err(Problem::not_found(format!("there is no unused invitation {id}")));
    }
    AuditEvent::InviteRevoked.line().from_address(client.address).by(principal.actor()).id(id).write();
    Ok(StatusCode::NO_CONTENT)
}
