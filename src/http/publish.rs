//! The publishing functions over HTTP, for scrapers and other programs.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use serde_json::value::RawValue;
use superbot_domain::{NewSystemMessage, NotificationDraft, ScraperReport, ScraperStates};
use superbot_store::NotifyOutcome;
use superbot_wire::{
    BatchResult, ConnectedUsers, ItemResult, ItemStatus, PublishResult, SentMessage, SentNotification,
};

use super::api::ApiState;
use super::body_reader::read_body;
use super::extract::{Idempotency, JsonBody, MayPublish, PathSegment, not_json, off_thread};
use super::ndjson;
use super::request_owner::RequestOwner;
use super::request_schema::{ListingFields, NotificationFields, SystemMessageFields};
use crate::ingest::{BodyError, ListingsBody, ParsedListing};
use crate::problem::{Problem, Result};
use crate::refusal::RefusalReason;

/// One listing, or an array of them.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what the body may be")]
pub enum ListingsInput {
    /// One.
    One(Box<ListingFields>),
    /// At most `limits.array_items`.
    Many(Vec<ListingFields>),
}

/// Bytes reserved for the result of each item of an array, in addition to its warnings; that of an item without any
/// required field has 400.
const ITEM_ANSWER_BYTES: usize = 512;

/// Publishes listings: one object, an array, or NDJSON (`application/x-ndjson`, streamed).
#[utoipa::path(post, path = "/api/listings", operation_id = "publishListings", tag = "publishing",
    request_body(content((ListingsInput = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200,
            description = "One known object, an array, or NDJSON with one result per line",
            content((PublishResult = "application/json"),
                (String = "application/x-ndjson", item_schema = ItemResult))),
        (status = 201, description = "One new object", body = ItemResult),
        (status = 413, description = "The body is too large, or the array has too many items: use NDJSON",
            body = Problem),
        (status = 422, description = "One object whose title, link or source is missing or invalid", body = Problem)))]
pub async fn listings(
    State(api): State<Arc<ApiState>>,
    MayPublish(principal): MayPublish,
    headers: HeaderMap,
    request: Request,
) -> Result<Response> {
    if ndjson::is_announced_by(&headers) {
        return ndjson::publish(&api, &principal, request).await;
    }
    let owner = request.extensions().get::<RequestOwner>().cloned();
    let bytes = read_body(request, api.config.limits.listing_body_bytes, &api).await?;
    match parse_listings(&api, bytes).await? {
        ListingsBody::Many(parsed) => {
            if let Some(owner) = owner {
                // Reserved before publishing: afterwards it would be too late to refuse.
                owner.reserve(&api, parsed.iter().map(answer_bytes).sum())?;
            }
            let items = api.publisher.broadcast_new_listings(parsed).await?;
            Ok(axum::Json(PublishResult::Many(BatchResult::new(items))).into_response())
        }
        ListingsBody::One(parsed) => {
            let result = api.publisher.broadcast_new_listing((*parsed)?).await?;
            let created = result.status == ItemStatus::Created;
            let status = if created { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, axum::Json(PublishResult::One(Box::new(result)))).into_response())
        }
    }
}

/// Returns the bytes reserved for the result of an item.
fn answer_bytes(item: &ParsedListing) -> usize {
    let warnings = item.as_ref().map(|posted| posted.warnings.as_slice()).unwrap_or_default();
    // Each character of a message may be escaped in JSON; 64 bytes are the rest of its object.
    let warning_bytes = warnings.iter().map(|warning| 2 * (warning.field.len() + warning.message.len()) + 64);
    ITEM_ANSWER_BYTES + warning_bytes.sum::<usize>()
}

async fn parse_listings(api: &Arc<ApiState>, bytes: Bytes) -> Result<ListingsBody> {
    let publisher = api.publisher.clone();
    let max_items = api.config.limits.array_items;
    let parsed = off_thread(api, bytes, move |bytes| publisher.parse_listings(bytes, max_items)).await?;
    parsed.map_err(|error| match error {
        BodyError::Json(error) => not_json(&error),
        BodyError::TooManyItems(_) => Problem::too_large(error.to_string()).counted_as(RefusalReason::Size),
    })
}

/// Sends a notification to one user, on all of their connections: at once, or when they next connect.
#[utoipa::path(post, path = "/api/users/{username}/notifications", operation_id = "sendNotification",
    tag = "publishing",
    params(("username" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NotificationFields,
    responses((status = 201, body = SentNotification), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn notification(
    State(api): State<Arc<ApiState>>,
    MayPublish(principal): MayPublish,
    idempotency: Idempotency,
    PathSegment(username): PathSegment,
    JsonBody(body): JsonBody<Box<RawValue>>,
) -> Result<(StatusCode, axum::Json<SentNotification>)> {
    // Parsed from text, so that `data` is forwarded byte for byte.
    let draft = NotificationDraft::from_json_text(body.get())?;
    // The key is bound to the request's content, so its reuse for another request is a conflict.
    let key = idempotency.bind(&principal, &format!("notify {username} {body}"));
    match api.publisher.notify_user(&username, &draft, key.as_ref()).await? {
        NotifyOutcome::Sent { id, seq } => Ok((StatusCode::CREATED, axum::Json(SentNotification { id, seq }))),
        NotifyOutcome::NoSuchUser => {
            let name: String = username.chars().take(80).collect();
            Err(Problem::not_found(format!("there is no user {name:?}")))
        }
        NotifyOutcome::Disabled => {
            Err(Problem::conflict("user_disabled", "that user is disabled and receives no notifications"))
        }
    }
}

/// Merges the status of scrapers that run elsewhere: `{"facebook": true, ...}`; `null` removes a source.
#[utoipa::path(put, path = "/api/scraper-status", operation_id = "reportScraperStatus", tag = "publishing",
    request_body = std::collections::BTreeMap<String, Option<bool>>,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, description = "Every source's status",
        body = std::collections::BTreeMap<String, bool>), (status = 422, body = Problem)))]
pub async fn scraper_status(
    State(api): State<Arc<ApiState>>,
    MayPublish(principal): MayPublish,
    idempotency: Idempotency,
    JsonBody(body): JsonBody<Value>,
) -> Result<axum::Json<ScraperStates>> {
    let report = ScraperReport::from_json(&body)?;
    let key = idempotency.bind(&principal, &format!("status {body}"));
    Ok(axum::Json(api.publisher.broadcast_scraper_status(&report, key.as_ref()).await?))
}

/// Sends a message to everyone: `{"message": ..., "level": "info"}`.
#[utoipa::path(post, path = "/api/system-messages", operation_id = "sendSystemMessage", tag = "publishing",
    request_body = SystemMessageFields,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = SentMessage), (status = 422, body = Problem)))]
pub async fn system_message(
    State(api): State<Arc<ApiState>>,
    MayPublish(principal): MayPublish,
    idempotency: Idempotency,
    JsonBody(body): JsonBody<Value>,
) -> Result<(StatusCode, axum::Json<SentMessage>)> {
    let message = NewSystemMessage::from_json(&body)?;
    let key = idempotency.bind(&principal, &format!("message {body}"));
    let seq = api.publisher.broadcast_system_message(&message, key.as_ref()).await?;
    Ok((StatusCode::CREATED, axum::Json(SentMessage { seq })))
}

/// Lists the users who are currently connected.
#[utoipa::path(get, path = "/api/connected-users", operation_id = "listConnectedUsers", tag = "publishing",
    responses((status = 200, body = ConnectedUsers)))]
pub async fn connected_users(State(api): State<Arc<ApiState>>, _: MayPublish) -> Result<axum::Json<ConnectedUsers>> {
    Ok(axum::Json(api.publisher.get_connected_users().await?))
}
