//! `/api/notifications`: a user's notifications.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use superbot_domain::NotificationId;
use superbot_store::ReadOutcome;
use superbot_wire::{ListPage, NotificationView, NotificationsRead, UnreadCount};

use super::api::ApiState;
use super::extract::{PathId, QueryParams, SignedIn};
use super::listings::page_size;
use crate::problem::{Problem, Result};
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NotificationFilter {
    /// Only unread notifications.
    #[serde(default)]
    unread: bool,
    /// `next_cursor` of the previous page.
    cursor: Option<String>,
    /// Page size, at most 200; 50 by default.
    limit: Option<u32>,
}

type NotificationPage<'a> = ListPage<NotificationView<'a>>;

fn read_view(ReadOutcome { ids, unread }: ReadOutcome) -> axum::Json<NotificationsRead> {
    axum::Json(NotificationsRead { ids, unread })
}

/// Lists the caller's notifications, newest first.
#[utoipa::path(get, path = "/api/notifications", operation_id = "listNotifications", tag = "notifications",
    params(NotificationFilter),
    responses((status = 200, description = "Newest first", body = NotificationPage<'_>)))]
pub async fn list(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    QueryParams(filter): QueryParams<NotificationFilter>,
) -> Result<Response> {
    let user = caller.user().id;
    let limit = page_size(filter.limit)?;
    let page = api.store.notifications().page(user, filter.unread, filter.cursor.as_deref(), limit).await?;
    let items = page.items.iter().map(NotificationView::from).collect();
    Ok(axum::Json(ListPage { items, next_cursor: page.next_cursor }).into_response())
}

/// Marks a notification as read, on all devices.
#[utoipa::path(post, path = "/api/notifications/{id}/read", operation_id = "markNotificationRead",
    tag = "notifications", params(("id" = i64, Path)),
    responses((status = 200, body = NotificationsRead), (status = 404, body = Problem)))]
pub async fn read(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    PathId(id): PathId,
) -> Result<axum::Json<NotificationsRead>> {
    let user = caller.user().id;
    let id = NotificationId::from(id);
    // Marking ignores unknown ids, and those of other users.
    if !api.store.notifications().exists(user, id).await? {
        return Err(Problem::not_found("you have no such notification"));
    }
    Ok(read_view(api.store.notifications().mark_read(user, &[id]).await?))
}

/// Marks all notifications as read, on all devices.
#[utoipa::path(post, path = "/api/notifications/read-all", operation_id = "markAllNotificationsRead",
    tag = "notifications",
    responses((status = 200, body = NotificationsRead)))]
pub async fn read_all(State(api): State<Arc<ApiState>>, caller: SignedIn) -> Result<axum::Json<NotificationsRead>> {
    Ok(read_view(api.store.notifications().mark_all_read(caller.user().id).await?))
}

/// Counts the unread notifications.
#[utoipa::path(get, path = "/api/notifications/unread-count", operation_id = "countUnreadNotifications",
    tag = "notifications",
    responses((status = 200, body = UnreadCount)))]
pub async fn unread_count(State(api): State<Arc<ApiState>>, caller: SignedIn) -> Result<axum::Json<UnreadCount>> {
    Ok(axum::Json(UnreadCount { unread: api.store.notifications().count_unread(caller.user().id).await? }))
}
