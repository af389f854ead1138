//! For those who run the program: `/healthz`, `/readyz`, `/metrics`, `/api/status`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::request::Parts;
use http::{StatusCode, header};
use serde_json::json;
use superbot_domain::ScraperStatus;
use superbot_store::QueryKind;

use super::Api;
use super::extract::{Admin, Reader};
use crate::problem::{Problem, Result};
use axum::extract::FromRequestParts as _;

/// The endpoints that are no part of the API.
pub fn routes() -> Router<Arc<Api>> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Which sources run and do not fail.
#[utoipa::path(get, path = "/api/status", tag = "status",
    responses((status = 200, description = "`{facebook: true, ...}`", body = Object)))]
pub async fn status(State(api): State<Arc<Api>>, _: Reader) -> Result<axum::Json<ScraperStatus>> {
    Ok(axum::Json(api.store.scraper_status().await?.0))
}

async fn ready(State(api): State<Arc<Api>>) -> Response {
    let mut problems = api.health.ailing();
    if let Err(error) = api.store.ping().await {
        tracing::warn!(%error, "the store cannot be reached");
        problems.push("the store cannot be reached".to_owned());
    }
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, axum::Json(json!({"ready": problems.is_empty(), "problems": problems}))).into_response()
}

/// Loopback may always look; others need an admin's credential.
async fn metrics(State(api): State<Arc<Api>>, mut parts: Parts) -> Result<Response> {
    if !api.edge.is_local(&parts) {
        Admin::from_request_parts(&mut parts, &api).await?;
    }
    for kind in QueryKind::ALL {
        api.metrics.repaired(kind.worker(), api.store.repaired(kind).await?);
    }
    let text = api.metrics.encode().map_err(|error| Problem::internal(&error))?;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}
