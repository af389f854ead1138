//! `/api/sessions`: the caller's sessions.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use superbot_domain::SessionId;
use superbot_wire::{ListPage, SessionView};

use super::api::ApiState;
use super::extract::{PathId, RequestClient, SignedIn};
use crate::audit::AuditEvent;
use crate::problem::{Problem, Result};

type SessionPage = ListPage<SessionView>;

/// Lists the caller's sessions.
#[utoipa::path(get, path = "/api/sessions", operation_id = "listSessions", tag = "auth",
    responses((status = 200, description = "Newest first", body = SessionPage)))]
pub async fn list(State(api): State<Arc<ApiState>>, caller: SignedIn) -> Result<axum::Json<SessionPage>> {
    let sessions = api.store.sessions().list(caller.user().id).await?;
    let items = sessions.iter().map(|session| SessionView::new(session, caller.0.session));
    Ok(axum::Json(ListPage::whole(items.collect())))
}

/// Ends one of the caller's sessions, and every live connection made with it.
#[utoipa::path(delete, path = "/api/sessions/{id}", operation_id = "revokeSession", tag = "auth",
    params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn revoke(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    client: RequestClient,
    PathId(id): PathId,
) -> Result<StatusCode> {
    if !api.store.sessions().revoke(caller.user().id, SessionId::from(id)).await? {
        return Err(Problem::not_found("you have no such session"));
    }
    let line = AuditEvent::SessionRevoked.line().from_address(client.address);
    line.user(caller.user().username.as_str()).id(id).write();
    Ok(StatusCode::NO_CONTENT)
}
