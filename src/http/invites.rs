//! `/api/invites`: who may make an account where registration is by invitation.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use superbot_domain::{InviteId, rfc3339};
use superbot_wire::ListPage;

use super::api::Api;
use super::extract::{Admin, Client, Id, Params};
use super::listings::{Paging, page_size};
use crate::audit::AuditEvent;
use crate::auth::{Secret, SecretKind};
use crate::problem::{Problem, Result};

/// A page of invitations.
type InvitePage = ListPage<InviteView>;

/// An invitation, without its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct InviteView {
    id: i64,
    /// The name of the admin who made it; null when a token did that belongs to nobody.
    created_by: Option<String>,
    created_at: String,
    /// When it stops being good.
    expires_at: String,
    /// The name of who made an account with it.
    used_by: Option<String>,
    /// When that was; null while nobody has.
    used_at: Option<String>,
}

/// An invitation just made.
#[derive(Serialize, utoipa::ToSchema)]
pub struct MadeInvite {
    id: i64,
    /// What to register with, shown only now.
    invite: String,
    /// When it stops being good.
    expires_at: String,
}

const INVITE_LASTS: Duration = Duration::from_hours(7 * 24);

/// Lists the invitations, also those that were used or expired, until they are removed a while later.
#[utoipa::path(get, path = "/api/invites", tag = "admin", params(Paging),
    responses((status = 200, description = "Newest first", body = InvitePage), (status = 422, body = Problem)))]
pub async fn list(State(api): State<Arc<Api>>, _: Admin, Params(paging): Params<Paging>) -> Result<Json<InvitePage>> {
    let page = api.store.invites().page(paging.cursor.as_deref(), page_size(paging.limit)?).await?;
    let items = page.items.into_iter().map(|invite| InviteView {
        id: invite.id.get(),
        created_by: invite.created_by.map(String::from),
        created_at: rfc3339(invite.created_at),
        expires_at: rfc3339(invite.expires_at),
        used_by: invite.used_by.map(String::from),
        used_at: invite.used_at.map(rfc3339),
    });
    Ok(Json(ListPage { items: items.collect(), next_cursor: page.next_cursor }))
}

/// Makes an invitation, good once, for a week.
#[utoipa::path(post, path = "/api/invites", tag = "admin", responses((status = 201, body = MadeInvite)))]
pub async fn create(
    State(api): State<Arc<Api>>,
    Admin(principal): Admin,
    client: Client,
) -> Result<(StatusCode, Json<MadeInvite>)> {
    let secret = Secret::generate(SecretKind::Invite);
    let expires_at = api.clock.now() + INVITE_LASTS;
    let id = api.store.invites().create(principal.user_id(), secret.hash(), expires_at).await?.get();
    AuditEvent::InviteCreated.line().from_address(client.address).by(principal.actor()).id(id).write();
    let invite = MadeInvite { id, invite: secret.reveal().to_owned(), expires_at: rfc3339(expires_at) };
    Ok((StatusCode::CREATED, Json(invite)))
}

/// Takes back an invitation that was not used.
#[utoipa::path(delete, path = "/api/invites/{id}", tag = "admin", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn revoke(
    State(api): State<Arc<Api>>,
    Admin(principal): Admin,
    client: Client,
    Id(id): Id,
) -> Result<StatusCode> {
    if !api.store.invites().revoke(InviteId::from(id)).await? {
        return Err(Problem::not_found(format!("there is no unused invitation {id}")));
    }
    AuditEvent::InviteRevoked.line().from_address(client.address).by(principal.actor()).id(id).write();
    Ok(StatusCode::NO_CONTENT)
}
