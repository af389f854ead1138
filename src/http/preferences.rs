//! `/api/preferences`: settings of the dashboard, stored per user.

use std::sync::Arc;

use axum::extract::State;
use serde_json::Value;

use super::api::ApiState;
use super::extract::{JsonBody, SignedIn};
use crate::problem::{Problem, Result};

/// Returns the caller's preferences, an object with keys chosen by the dashboard.
#[utoipa::path(get, path = "/api/preferences", operation_id = "getPreferences", tag = "auth",
    responses((status = 200, description = "An object with keys chosen by the dashboard", body = BTreeMap<String, Value>)))]
pub async fn get(State(api): State<Arc<ApiState>>, caller: SignedIn) -> Result<axum::Json<Value>> {
    let preferences = api.store.users().preferences(caller.user().id).await?;
    Ok(axum::Json(preferences.unwrap_or_default()))
}

/// Changes preferences (JSON Merge Patch, RFC 7396): `null` removes a key.
#[utoipa::path(patch, path = "/api/preferences", operation_id = "updatePreferences", tag = "auth",
    request_body = BTreeMap<String, Value>,
    responses((status = 200, description = "All preferences", body = BTreeMap<String, Value>),
        (status = 422, body = Problem)))]
pub async fn patch(
    State(api): State<Arc<ApiState>>,
    caller: SignedIn,
    JsonBody(change): JsonBody<serde_json::Map<String, Value>>,
) -> Result<axum::Json<Value>> {
    let preferences = api.store.users().update_preferences(caller.user().id, Value::Object(change)).await?;
    Ok(axum::Json(preferences.unwrap_or_default()))
}
