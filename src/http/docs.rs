//! `/api/openapi.json`: the API's description.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Info, OpenApi, SecurityRequirement};
use utoipa_axum::router::OpenApiRouter;

use super::{Api, api_routes};
use crate::auth::SESSION_COOKIE;

/// Serves the description.
pub fn routes(mut openapi: OpenApi) -> Router<Arc<Api>> {
    describe(&mut openapi);
    let document = Arc::new(openapi);
    Router::new().route("/api/openapi.json", get(move || async move { axum::Json(document) }))
}

/// The description as the server serves it, `others` included.
pub fn document(others: OpenApiRouter<Arc<Api>>) -> OpenApi {
    let mut openapi = api_routes().merge(others).into_openapi();
    describe(&mut openapi);
    openapi
}

fn describe(openapi: &mut OpenApi) {
    openapi.info = Info::new("Super-Bot", env!("CARGO_PKG_VERSION"));
    openapi.info.description = Some(
        "Errors are `application/problem+json` (RFC 9457) with a stable `code`, and `errors` for fields. \
         Lists are `{items, next_cursor}`. 429 carries `Retry-After`."
            .to_owned(),
    );
    let components = openapi.components.get_or_insert_default();
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    let cookie = ApiKey::Cookie(ApiKeyValue::new(SESSION_COOKIE));
    components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
    let none: [&str; 0] = [];
    openapi.security = Some(vec![SecurityRequirement::new("token", none), SecurityRequirement::new("session", none)]);
}
