//! Endpoints for operating the server: `/healthz`, `/readyz`, `/metrics`, `/api/status`.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::request::Parts;
use http::{StatusCode, header};
use serde_json::json;
use superbot_domain::{QueryKind, ScraperStates};
use superbot_store::{DbError, ReindexState, StoreError};

use super::api::ApiState;
use super::extract::{Caller, ReadCaller};
use crate::edge::is_local;
use crate::metrics::MetricsFormat;
use crate::problem::{Problem, Result};
use axum::extract::FromRequestParts as _;

/// Returns the endpoints that are not part of the described API.
pub fn routes() -> Router<Arc<ApiState>> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

/// Returns which sources run without failures.
#[utoipa::path(get, path = "/api/status", operation_id = "getScraperStatus", tag = "status",
    responses((status = 200, description = "`{facebook: true, ...}`", body = BTreeMap<String, bool>)))]
pub async fn status(State(api): State<Arc<ApiState>>, _: ReadCaller) -> Result<axum::Json<ScraperStates>> {
    Ok(axum::Json(api.store.scraper_status().get().await?.0))
}

async fn ready(State(api): State<Arc<ApiState>>) -> Response {
    let mut problems = api.health.unhealthy_tasks();
    let failed = api.store.ping().await.err();
    let problem = failed.as_ref().map(store_problem);
    // The endpoint is public and polled, so only changes are logged.
    let before = std::mem::replace(&mut *api.store_problem.lock(), problem);
    if let Some(error) = failed.filter(|_| problem != before) {
        tracing::warn!(%error, "the store is not ready");
    }
    problems.extend(problem.map(str::to_owned));
    let status = if problems.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut answer = json!({"ready": problems.is_empty(), "problems": problems});
    // A store that cannot be read is among the problems already.
    if let Ok(Some(state)) = api.store.listings().reindexing().await {
        answer["details"] = json!([format!("indexing {} %", state.percent())]);
    }
    (status, axum::Json(answer)).into_response()
}

/// Describes a problem of the store without its address, because the endpoint is public.
fn store_problem(error: &StoreError) -> &'static str {
    match error {
        StoreError::Db(DbError::Full) => "the store's disk is full",
        StoreError::Db(DbError::Replaced) => "the store's file was deleted or replaced; restart the server",
        StoreError::Db(DbError::Damaged(_)) => "the store is damaged; restore a backup",
        StoreError::Db(DbError::Busy) => "the store is busy",
        _ => "the store cannot be reached",
    }
}

/// Local requests may always read the metrics; others require an admin, or a token of scope `metrics`.
async fn metrics(State(api): State<Arc<ApiState>>, mut parts: Parts) -> Result<Response> {
    if !is_local(&parts) {
        Caller::from_request_parts(&mut parts, &api).await?.0.may_read_metrics()?;
    }
    // Kept in the store for all processes, so it is read when it is needed.
    for kind in QueryKind::ALL {
        api.metrics.repaired(kind.worker(), api.store.matches().count_repaired(kind).await?);
    }
    let reindexing = api.store.listings().reindexing().await?;
    api.metrics.reindexed(reindexing.map_or(1.0, ReindexState::ratio));
    let accepted = parts.headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let format = MetricsFormat::accepted(accepted);
    let text = api.metrics.encode(format).map_err(|error| Problem::internal(&error))?;
    Ok(([(header::CONTENT_TYPE, format.content_type())], text).into_response())
}
