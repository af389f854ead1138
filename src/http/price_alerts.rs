//! `/api/price-alerts`: the caller's price alerts.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};
use superbot_domain::{NewPriceAlert, PriceAlert, PriceAlertId};

use super::api::Api;
use super::extract::{Body, Id, SignedIn};
use super::preview::PreviewView;
use crate::problem::{Problem, Result};

/// A price alert to be saved; to change one, give the fields that change.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PriceAlertFields {
    /// Words to look for, such as `corvette, camaro -parts`.
    keywords: String,
    /// The price that decides, in units of the currency.
    threshold_price: f64,
    /// `under` (the default) or `over`.
    alert_type: Option<String>,
    /// What the price is in; the server's own currency, when left out.
    currency: Option<String>,
    /// Whether what is given away counts.
    include_free: Option<bool>,
    /// For so long after a notification, what is found is joined into the next one.
    cooldown_minutes: Option<u32>,
    /// Only listings of these sources; of all, when left out.
    sources: Option<Vec<String>>,
}

/// A price alert.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PriceAlertView {
    id: i64,
    #[serde(flatten)]
    fields: PriceAlertFields,
    /// False while it is paused.
    active: bool,
    created_at: String,
    updated_at: String,
    /// When it last joined what it found into a notification.
    last_told_at: Option<String>,
}

/// Price alerts.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PriceAlerts {
    /// Newest first.
    #[schema(value_type = Vec<PriceAlertView>)]
    items: Vec<Value>,
    /// Always null: all are listed.
    next_cursor: Option<String>,
}

fn found(alert: Option<PriceAlert>) -> Result<Json<Value>> {
    alert.map(|alert| Json(alert.to_json())).ok_or_else(missing)
}

pub(super) fn missing() -> Problem {
    Problem::not_found("you have no price alert of that number")
}

/// Lists the caller's price alerts.
#[utoipa::path(get, path = "/api/price-alerts", tag = "alerts", responses((status = 200, body = PriceAlerts)))]
pub async fn list(State(api): State<Arc<Api>>, caller: SignedIn) -> Result<Json<PriceAlerts>> {
    let alerts = api.store.price_alerts(caller.user().id).await?;
    Ok(Json(PriceAlerts { items: alerts.iter().map(PriceAlert::to_json).collect(), next_cursor: None }))
}

/// Saves a price alert. It tells of what comes in from now on.
#[utoipa::path(post, path = "/api/price-alerts", tag = "alerts", request_body = PriceAlertFields,
    responses((status = 201, body = PriceAlertView), (status = 422, body = Problem)))]
pub async fn create(
    State(api): State<Arc<Api>>,
    caller: SignedIn,
    Body(body): Body<Value>,
) -> Result<(StatusCode, Json<Value>)> {
    let wants = NewPriceAlert::from_json(&body, api.config.listings.currency)?;
    let alert = api.store.create_price_alert(caller.user().id, &wants).await?;
    Ok((StatusCode::CREATED, Json(alert.to_json())))
}

/// One price alert.
#[utoipa::path(get, path = "/api/price-alerts/{id}", tag = "alerts", params(("id" = i64, Path)),
    responses((status = 200, body = PriceAlertView), (status = 404, body = Problem)))]
pub async fn get(State(api): State<Arc<Api>>, caller: SignedIn, Id(id): Id) -> Result<Json<Value>> {
    found(api.store.price_alert(caller.user().id, id.into()).await?)
}

/// Changes a price alert. As it is now, it tells of what comes in from now on.
#[utoipa::path(patch, path = "/api/price-alerts/{id}", tag = "alerts", params(("id" = i64, Path)),
    request_body = PriceAlertFields,
    responses((status = 200, body = PriceAlertView), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn patch(
    State(api): State<Arc<Api>>,
    caller: SignedIn,
    Id(id): Id,
    Body(change): Body<Map<String, Value>>,
) -> Result<Json<Value>> {
    let (user, id) = (caller.user().id, PriceAlertId::from(id));
    let Some(alert) = api.store.price_alert(user, id).await? else { return found(None) };
    let mut fields = alert.wants.to_json();
    if let Some(fields) = fields.as_object_mut() {
        fields.extend(change);
    }
    let wants = NewPriceAlert::from_json(&fields, api.config.listings.currency)?;
    found(api.store.update_price_alert(user, id, &wants).await?)
}

/// Deletes a price alert.
#[utoipa::path(delete, path = "/api/price-alerts/{id}", tag = "alerts", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, body = Problem)))]
pub async fn delete(State(api): State<Arc<Api>>, caller: SignedIn, Id(id): Id) -> Result<StatusCode> {
    if api.store.delete_price_alert(caller.user().id, id.into()).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        found(None).map(|_| StatusCode::NO_CONTENT)
    }
}

/// Pauses a price alert, or lets a paused one go on from now.
#[utoipa::path(post, path = "/api/price-alerts/{id}/toggle", tag = "alerts", params(("id" = i64, Path)),
    responses((status = 200, body = PriceAlertView), (status = 404, body = Problem)))]
pub async fn toggle(State(api): State<Arc<Api>>, caller: SignedIn, Id(id): Id) -> Result<Json<Value>> {
    let (user, id) = (caller.user().id, PriceAlertId::from(id));
    let Some(alert) = api.store.price_alert(user, id).await? else { return found(None) };
    found(api.store.set_price_alert_active(user, id, !alert.active).await?)
}

/// Says what a price alert would have found in the last 30 days, before it is saved.
#[utoipa::path(post, path = "/api/price-alerts/preview", tag = "alerts", request_body = PriceAlertFields,
    responses((status = 200, body = PreviewView<'_>), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub async fn preview(State(api): State<Arc<Api>>, caller: SignedIn, Body(body): Body<Value>) -> Result<Response> {
    let wants = NewPriceAlert::from_json(&body, api.config.listings.currency)?;
    let store = api.store.clone();
    let preview = api.queries.run(caller.user(), async move { store.preview_price_alert(&wants).await });
    Ok(Json(PreviewView::from(&preview.await?)).into_response())
}
