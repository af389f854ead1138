//! What scrapers and other programs call: the publishing functions over HTTP.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use superbot_domain::{NotificationDraft, ScraperReport, ScraperStatus, SystemMessage};
use superbot_store::NotifyOutcome;

use super::api::Api;
use super::body_reader::read_body;
use super::extract::{Body, Idempotency, MayPublish, Segment, not_json, off_thread};
use super::ndjson;
use super::request_owner::RequestOwner;
use super::request_schema::{ListingFields, NotificationFields, SystemMessageFields};
use crate::ingest::{BodyError, ItemResult, ItemStatus, ListingsBody};
use crate::presence::ConnectedUsers;
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

/// What became of what was published.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes what the answer may be")]
pub enum PublishResult {
    /// One object.
    One(Box<ItemResult>),
    /// An array.
    Many(BatchResult),
}

/// What is reserved for the answer to each item of an array; the answer to one that lacks all fields has 400 bytes.
const ITEM_ANSWER_BYTES: usize = 512;

/// Publishes listings: one object, an array, or NDJSON (`application/x-ndjson`, streamed).
#[utoipa::path(post, path = "/api/listings", tag = "publishing",
    request_body(content((ListingsInput = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "One object that was known, an array, or NDJSON, with one result for each line",
            content((PublishResult = "application/json"),
                (String = "application/x-ndjson", item_schema = ItemResult))),
        (status = 201, description = "One object that is new", body = ItemResult),
        (status = 413, description = "The body is too large, or the array has too many items: use NDJSON", body = Problem),
        (status = 422, description = "One object that is not right", body = Problem)))]
pub async fn listings(
    State(api): State<Arc<Api>>,
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
                owner.reserve(&api, parsed.len().saturating_mul(ITEM_ANSWER_BYTES))?;
            }
            let items = api.publisher.broadcast_new_listings(parsed).await?;
            let count = |status| items.iter().filter(|item| item.status == status).count();
            let (created, updated) = (count(ItemStatus::Created), count(ItemStatus::Updated));
            let (unchanged, rejected) = (count(ItemStatus::Unchanged), count(ItemStatus::Rejected));
            let batch = BatchResult { created, updated, unchanged, rejected, items };
            Ok(axum::Json(batch).into_response())
        }
        ListingsBody::One(parsed) => {
            let result = api.publisher.broadcast_new_listing((*parsed)?).await?;
            let created = result.status == ItemStatus::Created;
            let status = if created { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, axum::Json(result)).into_response())
        }
    }
}

async fn parse_listings(api: &Arc<Api>, bytes: Bytes) -> Result<ListingsBody> {
    let (publisher, max_items) = (api.publisher.clone(), api.config.limits.array_items);
    let parsed = off_thread(api, bytes, move |bytes| publisher.parse_listings(bytes, max_items)).await?;
    parsed.map_err(|error| match error {
        BodyError::Json(error) => not_json(&error),
        BodyError::TooManyItems(_) => Problem::too_large(error.to_string()).counted_as(RefusalReason::Size),
    })
}

/// A notification that was stored.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Sent {
    id: i64,
    seq: u64,
}

/// Tells one user something, on every connection of theirs, now or when they come back.
#[utoipa::path(post, path = "/api/users/{username}/notifications", tag = "publishing",
    params(("username" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NotificationFields,
    responses((status = 201, body = Sent), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 422, body = Problem)))]
pub async fn notification(
    State(api): State<Arc<Api>>,
    MayPublish(principal): MayPublish,
    idempotency: Idempotency,
    Segment(username): Segment,
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

/// Merges the status of scrapers that run elsewhere: `{"facebook": true, ...}`; `null` removes a source.
#[utoipa::path(put, path = "/api/scraper-status", tag = "publishing",
    request_body = std::collections::BTreeMap<String, Option<bool>>,
    params(("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, description = "Every source's status",
        body = std::collections::BTreeMap<String, bool>), (status = 422, body = Problem)))]
pub async fn scraper_status(
    State(api): State<Arc<Api>>,
    MayPublish(principal): MayPublish,
    idempotency: Idempotency,
    Body(body): Body<Value>,
) -> Result<axum::Json<ScraperStatus>> {
    let report = ScraperReport::from_json(&body)?;
    let key = idempotency.bind(&principal, &format!("status {body}"));
    Ok(axum::Json(api.publisher.broadcast_scraper_status(&report, key.as_ref()).await?))
}

/// A system message that was stored.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Announced {
    seq: u64,
}

/// Tells everyone something: `{"message": ..., "level": "info"}`.
#[utoipa::path(post, path = "/api/system-messages", tag = "publishing", request_body = SystemMessageFields,
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
