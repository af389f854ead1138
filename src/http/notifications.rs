//! `/api/notifications`: what a user was told.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use superbot_domain::{JsonObject, NotificationId, rfc3339};
use superbot_store::ReadOutcome;

use super::api::Api;
use super::extract::{Id, Params, SignedIn};
use super::listings::page_size;
use crate::problem::{Problem, Result};

/// Which notifications to list.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// Only those not read yet.
    #[serde(default)]
    unread: bool,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, at most 200; 50 unless said.
    limit: Option<u32>,
}

/// A page of notifications.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Notifications {
    /// Newest first.
    items: Vec<NotificationView>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A notification, with what only a reader wants.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NotificationView {
    id: i64,
    /// `price_alert`, `saved_search`, `custom` or any other word.
    #[serde(rename = "type")]
    kind: String,
    #[schema(value_type = Object)]
    data: JsonObject,
    timestamp: String,
    seq: u64,
    /// Null while it is not read.
    read_at: Option<String>,
}

/// How many notifications are not read yet.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Unread {
    unread: u64,
}

/// What became of a mark.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Read {
    /// Those that were not read before.
    ids: Vec<i64>,
    /// How many are still not read.
    unread: u64,
}

fn read_view(outcome: &ReadOutcome) -> axum::Json<Read> {
    let ids = outcome.ids.iter().map(|id| id.get()).collect();
    axum::Json(Read { ids, unread: outcome.unread })
}

/// Lists the caller's notifications, newest first.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications", params(Filter),
    responses((status = 200, body = Notifications)))]
pub async fn list(
    State(api): State<Arc<Api>>,
    caller: SignedIn,
    Params(filter): Params<Filter>,
) -> Result<axum::Json<Notifications>> {
    let (user, limit) = (caller.user().id, page_size(filter.limit)?);
    let page = api.store.notifications(user, filter.unread, filter.cursor.as_deref(), limit).await?;
    let items = page.items.into_iter().map(|notification| NotificationView {
        id: notification.id.get(),
        kind: notification.kind,
        data: notification.data,
        timestamp: rfc3339(notification.created_at),
        seq: notification.seq,
        read_at: notification.read_at.map(rfc3339),
    });
    Ok(axum::Json(Notifications { items: items.collect(), next_cursor: page.next_cursor }))
}

/// Marks one as read, on every device.
#[utoipa::path(post, path = "/api/notifications/{id}/read", tag = "notifications", params(("id" = i64, Path)),
    responses((status = 200, body = Read), (status = 404, body = Problem)))]
pub async fn read(State(api): State<Arc<Api>>, caller: SignedIn, Id(id): Id) -> Result<axum::Json<Read>> {
    let (user, id) = (caller.user().id, NotificationId::from(id));
    if !api.store.has_notification(user, id).await? {
        return Err(Problem::not_found("you have no such notification"));
    }
    Ok(read_view(&api.store.mark_read(user, &[id]).await?))
}

/// Marks all as read, on every device.
#[utoipa::path(post, path = "/api/notifications/read-all", tag = "notifications",
    responses((status = 200, body = Read)))]
pub async fn read_all(State(api): State<Arc<Api>>, caller: SignedIn) -> Result<axum::Json<Read>> {
    Ok(read_view(&api.store.mark_all_read(caller.user().id).await?))
}

/// How many are not read yet.
#[utoipa::path(get, path = "/api/notifications/unread-count", tag = "notifications",
    responses((status = 200, body = Unread)))]
pub async fn unread_count(State(api): State<Arc<Api>>, caller: SignedIn) -> Result<axum::Json<Unread>> {
    Ok(axum::Json(Unread { unread: api.store.unread_count(caller.user().id).await? }))
}
