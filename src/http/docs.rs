//! `/api/openapi.json`: the description of the API.

mod completion;
mod events;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::routing::get;
use http::{HeaderValue, header};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Info, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use super::api::ApiState;
use super::routes::api_routes;
use crate::auth::SESSION_COOKIE;

/// Serves the description.
pub fn routes(mut openapi: OpenApi) -> Router<Arc<ApiState>> {
    describe(&mut openapi);
    // Serialized once, because the endpoint is public.
    let document = Bytes::from(serde_json::to_vec(&openapi).unwrap_or_default());
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Router::new().route("/api/openapi.json", get(move || async move { (json, document) }))
}

/// Returns the description as served, including the routes `others`.
pub fn document(others: OpenApiRouter<Arc<ApiState>>) -> OpenApi {
    let mut openapi = api_routes().merge(others).into_openapi();
    describe(&mut openapi);
    openapi
}

fn describe(openapi: &mut OpenApi) {
    openapi.info = Info::new("Super-Bot", env!("CARGO_PKG_VERSION"));
    openapi.info.description = Some(
        "Errors are `application/problem+json` (RFC 9457) with a stable `code`, and `errors` for fields. \
         Lists are `{items, next_cursor}`. 429 carries `Retry-After`. The map `x-events` of this document has the \
         schema of every event that clients receive, over Socket.IO and from `GET /api/events`, by the event's name; \
         `pong`, `subscribed`, `unsubscribed` and `error` are sent only to Socket.IO clients. `x-types`, in the schema \
         of `UserNotification.data`, maps a notification's type to the schema of its data when the server itself sent \
         it. `x-acknowledgements` has how events that clients send are acknowledged. `x-item-schema` is the schema of \
         each line of NDJSON."
            .to_owned(),
    );
    let components = openapi.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    let cookie = ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    completion::complete(openapi);
    events::describe(openapi);
}
