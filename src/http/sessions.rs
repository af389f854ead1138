//! `/api/sessions`: where one is signed in.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::Serialize;
use superbot_domain::{SessionId, rfc3339};
use superbot_wire::ListPage;

use super::api::Api;
use super::extract::{Client, Id, SignedIn};
use crate::audit::AuditEvent;
use crate::problem::{Problem, Result};

/// A page of sessions.
type SessionPage = ListPage<SessionView>;

/// A place where one is signed in.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SessionView {
    id: i64,
    /// Whether it is the one asking.
    current: bool,
    created_at: String,
    last_seen_at: String,
    expires_at: String,
    user_agent: String,
    address: String,
}

/// Lists the caller's sessions.
#[utoipa::path(get, path = "/api/sessions", tag = "auth", 
    responses((status = 200, description = "Newest first", body = SessionPage)))]
pub async fn list(State(api): State<Arc<Api>>, caller: SignedIn) -> Result<axum::Json<SessionPage>> {
    let sessions = api.store.sessions().list(caller.user().id).await?;
    let items = sessions.into_iter().map(|session| SessionView {
        id: session.id.get(),
        current: caller.0.session == Some(session.id),
        created_at: rfc3339(session.created_at),
        last_seen_at: rfc3339(session.last_seen_at),
        expires_at: rfc3339(session.expires_at),
        user_agent: session.user_agent,
        address: session.address,
    });
    Ok(axum::Json(ListPage::whole(items.collect())))
}

/// Ends one of the caller's sessions, and every live connection made with it.
#[utoipa::path(delete, path = "/api/sessions/{id}", tag = "auth", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn revoke(State(api): State<Arc<Api>>, caller: SignedIn, client: Client, Id(id): Id) -> Result<StatusCode> {
    if !api.store.sessions().revoke(caller.user().id, SessionId::from(id)).await? {
        return Err(Problem::not_found("you have no such session"));
    }
    let line = AuditEvent::SessionRevoked.line().from_address(client.address);
    line.user(caller.user().username.as_str()).id(id).write();
    Ok(StatusCode::NO_CONTENT)
}
