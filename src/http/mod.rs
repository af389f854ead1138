//! The REST API, static files, and the HTTP server.

mod account;
mod account_fields;
mod accounts;
mod api;
mod assets;
mod authority;
mod body_reader;
mod buffers;
mod client;
mod client_key;
mod cookies;
mod described_route;
mod docs;
mod extract;
mod favorites;
mod headers;
mod held_body;
mod invites;
mod lanes;
mod limits;
mod listings;
mod matches;
mod ndjson;
mod ndjson_limits;
mod notifications;
mod operations;
mod password_reset;
mod preferences;
mod publish;
mod queries;
mod query_routes;
mod register;
mod removal;
mod request_body;
mod request_owner;
mod request_schema;
mod routes;
mod serve;
mod sessions;
mod sources;
mod spool;
mod standing_queries;
mod step_up;
mod tokens;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use http::{HeaderValue, header};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::Problem;
use crate::refusal::RefusalReason;
use request_owner::bound_answers;
use routes::api_routes;

pub use api::ApiState;
pub use docs::document;
pub use headers::SecurityHeaders;
pub use lanes::{IoThreads, other_threads};
pub use serve::{ServeOptions, serve};

/// Returns the routes of the REST API and static files; `others` are described routes of other modules.
pub fn router(api: Arc<ApiState>, others: OpenApiRouter<Arc<ApiState>>) -> Router {
    let (described, openapi) = api_routes().merge(others).split_for_parts();
    let answers = middleware::from_fn_with_state(Arc::clone(&api), bound_answers);
    let described = described.merge(operations::routes()).layer(answers);
    // Not subject to the budget for responses: static content is in memory once, however many clients read it.
    let mut router = described.merge(docs::routes(openapi)).merge(assets::routes(api.config.web.loopback_pictures));
    if let Some(dir) = &api.config.web.public_dir {
        router = router.merge(assets::public_dir(dir.clone()));
    }
    // Compressors buffer their input, which would delay the items of a stream.
    let compressible = SizeAbove::new(1024)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/x-ndjson"));
    router
        .fallback(|| async { Problem::not_found("there is nothing at this address") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(CompressionLayer::new().compress_when(compressible))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            axum::response::IntoResponse::into_response(Problem::internal(&"a handler panicked"))
        }))
        .layer(middleware::from_fn_with_state(Arc::clone(&api), observe))
        .with_state(api)
}

async fn observe(
    axum::extract::State(api): axum::extract::State<Arc<ApiState>>,
    request: Request,
    next: Next,
) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let client = api.edge.client_address(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(reason) = response.extensions_mut().remove::<RefusalReason>() {
        api.refusals.note(reason, client, None);
    }
    // Responses that do not set their own policy may contain private data.
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let took: Duration = started.elapsed();
    let status = response.status().as_u16();
    api.metrics.responded(status);
    tracing::debug!(%method, path, status, took_ms = took.as_secs_f64() * 1000.0, "request");
    response
}
