//! What scrapers and other programs call: the publishing functions over HTTP.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use superbot_domain::{NotificationDraft, ScraperStatus, SystemMessage};
use superbot_store::NotifyOutcome;

use super::extract::{Body, Idempotency, MayPublish, parse_json, read_body};
use super::{Api, ndjson};
use crate::ingest::{ItemResult, ItemStatus};
use crate::presence::ConnectedUsers;
use crate::problem::{Problem, Result};

/// What became of an array of listings.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
pub struct BatchResult {
    created: usize,
    updated: usize,
    unchanged: usize,
    rejected: usize,
    /// One for each listing, in order.
    items: Vec<ItemResult>,
}

/// Publishes listings: one object, an array, or NDJSON (`application/x-ndjson`, streamed).
#[utoipa::path(post, path = "/api/listings", tag = "publishing", request_body = Object,
    responses((status = 200, description = "One object that was known, an array, or NDJSON", body = BatchResult),
        (status = 201, description = "One object that is new", body = ItemResult),
        (status = 422, description = "One object that is not right", body = Problem)))]
pub async fn listings(
    State(api): State<Arc<Api>>,
    _: MayPublish,
    headers: HeaderMap,
    request: Request,
) -> Result<Response> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if ndjson::MEDIA_TYPES.contains(&media_type) {
        return ndjson::publish(&api, request.into_body()).await;
    }
    let bytes = read_body(request, api.config.limits.listing_body_bytes).await?;
    match parse_json::<Value>(&bytes)? {
        Value::Array(values) => {
            let parsed = values.iter().map(|value| api.publisher.parse_listing(value)).collect();
            let items = api.publisher.broadcast_new_listings(parsed).await?;
            let count = |status| items.iter().filter(|item| item.status == status).count();
            let (created, updated) = (count(ItemStatus::Created), count(ItemStatus::Updated));
            let (unchanged, rejected) = (count(ItemStatus::Unchanged), count(ItemStatus::Rejected));
            let batch = BatchResult { created, updated, unchanged, rejected, items };
            Ok(axum::Json(batch).into_response())
        }
        value => {
            let listing = api.publisher.parse_listing(&value)?;
            let result = api.publisher.broadcast_new_listing(listing).await?;
            let created = result.status == ItemStatus::Created;
            let status = if created { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, axum::Json(result)).into_response())
        }
    }
}

/// A notification that was stored.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Sent {
    id: i64,
    seq: u64,
}

/// Tells one user something, on every connection of theirs, now or when they come back.
#[utoipa::path(post, path = "/api/users/{username}/notifications", tag = "publishing",
    params(("username" = String, Path), ("Idempotency-Key" = Option<String>, Header)), request_body = Object,
    responses((status = 201, body = Sent), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn notification(
    State(api): State<Arc<Api>>,
    MayPublish(principal): MayPublish,
    idempotency: Idempotency,
    Path(username): Path<String>,
    Body(body): Body<Box<RawValue>>,
) -> Result<(StatusCode, axum::Json<Sent>)> {
    // From the text, so that the data passes as its publisher wrote it.
    let draft = NotificationDraft::from_json_text(body.get())?;
    let key = idempotency.bind(&principal, &format!("notify {username} {body}"));
    match api.publisher.notify_user(&username, &draft, key.as_ref()).await? {
        NotifyOutcome::Sent { id, seq } => Ok((StatusCode::CREATED, axum::Json(Sent { id: id.get(), seq }))),
        NotifyOutcome::NoSuchUser => {
            let name: String = username.chars().take(80).collect();
            Err(Problem::not_found(format!("there is no user {name:?}")))
        }
        NotifyOutcome::Disabled => Err(Problem::conflict("user_disabled", "that user is disabled and is told nothing")),
    }
}

/// Merges the status of scrapers that run elsewhere: `{"facebook": true, ...}`.
#[utoipa::path(put, path = "/api/scraper-status", tag = "publishing", request_body = Object,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, description = "Every source's status", body = Object), (status = 422, body = Problem)))]
pub async fn scraper_status(
    State(api): State<Arc<Api>>,
    MayPublish(principal): MayPublish,
    idempotency: Idempotency,
    Body(body): Body<Value>,
) -> Result<axum::Json<ScraperStatus>> {
    let status = ScraperStatus::from_json(&body)?;
    let key = idempotency.bind(&principal, &format!("status {body}"));
    Ok(axum::Json(api.publisher.broadcast_scraper_status(&status, key.as_ref()).await?))
}

/// A system message that was stored.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Announced {
    seq: u64,
}

/// Tells everyone something: `{"message": ..., "level": "info"}`.
#[utoipa::path(post, path = "/api/system-messages", tag = "publishing", request_body = Object,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = Announced), (status = 422, body = Problem)))]
pub async fn system_message(
    State(api): State<Arc<Api>>,
    MayPublish(principal): MayPublish,
    idempotency: Idempotency,
    Body(body): Body<Value>,
) -> Result<(StatusCode, axum::Json<Announced>)> {
    let message = SystemMessage::from_json(&body)?;
    let key = idempotency.bind(&principal, &format!("message {body}"));
    let seq = api.publisher.broadcast_system_message(&message, key.as_ref()).await?;
    Ok((StatusCode::CREATED, axum::Json(Announced { seq })))
}

/// Who is connected right now.
#[utoipa::path(get, path = "/api/connected-users", tag = "publishing",
    responses((status = 200, body = ConnectedUsers)))]
pub async fn connected_users(State(api): State<Arc<Api>>, _: MayPublish) -> Result<axum::Json<ConnectedUsers>> {
    Ok(axum::Json(api.publisher.get_connected_users().await?))
}
