//! The REST API, the pages, and the files of the browser client.

mod account;
mod accounts;
mod assets;
mod check;
mod docs;
mod extract;
mod favorites;
mod ignored_listings;
mod invites;
mod lanes;
mod limits;
mod listings;
mod matches;
mod ndjson;
mod notifications;
mod operations;
mod password_reset;
mod preferences;
mod preview;
mod price_alerts;
mod publish;
mod register;
mod saved_searches;
mod serve;
mod sessions;
mod sources;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use http::{HeaderValue, header};
use superbot_domain::{Clock, Timestamp};
use superbot_store::Store;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::{Authenticator, Passwords};
use crate::config::Config;
use crate::edge::Edge;
use crate::health::Health;
use crate::ingest::Publisher;
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::refusal::Refusals;
use limits::Limits;
use preview::Previews;

pub use docs::document;
pub use lanes::{Lanes, other_threads};
pub use serve::{Options, serve};

/// What the handlers share.
pub struct Api {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) auth: Authenticator,
    pub(crate) passwords: Passwords,
    pub(crate) publisher: Publisher,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) refusals: Refusals,
    pub(crate) health: Health,
    pub(crate) edge: Arc<Edge>,
    pub(crate) config: Arc<Config>,
    limits: Limits,
    previews: Previews,
    body_limit: usize,
    started_at: Timestamp,
}

impl Api {
    /// The handlers' common ground.
    #[expect(clippy::too_many_arguments, reason = "each is a different thing, named where it is made")]
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        auth: Authenticator,
        passwords: Passwords,
        publisher: Publisher,
        metrics: Arc<Metrics>,
        refusals: Refusals,
        health: Health,
        edge: Arc<Edge>,
        config: Arc<Config>,
    ) -> Self {
        let limits = Limits::new(&config.limits, store.clone());
        let body_limit = config.limits.body_bytes;
        let started_at = clock.now();
        let previews = Previews::default();
        Self {
            store,
            clock,
            auth,
            passwords,
            publisher,
            metrics,
            refusals,
            health,
            edge,
            config,
            limits,
            previews,
            body_limit,
            started_at,
        }
    }
}

/// Every endpoint of the REST API, with its description.
fn api_routes() -> OpenApiRouter<Arc<Api>> {
    OpenApiRouter::new()
        .routes(routes!(account::login))
        .routes(routes!(account::logout))
        .routes(routes!(account::me))
        .routes(routes!(account::password))
        .routes(routes!(password_reset::redeem))
        .routes(routes!(register::options))
        .routes(routes!(register::register))
        .routes(routes!(register::setup))
        .routes(routes!(sessions::list))
        .routes(routes!(sessions::revoke))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(preferences::get, preferences::patch))
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::update))
        .routes(routes!(password_reset::create))
        .routes(routes!(invites::list, invites::create))
        .routes(routes!(invites::revoke))
        .routes(routes!(accounts::stats))
        .routes(routes!(listings::list, publish::listings))
        .routes(routes!(listings::get))
        .routes(routes!(listings::price_history))
        .routes(routes!(matches::list))
        .routes(routes!(favorites::list))
        .routes(routes!(favorites::put, favorites::delete))
        .routes(routes!(publish::notification))
        .routes(routes!(publish::scraper_status))
        .routes(routes!(publish::system_message))
        .routes(routes!(publish::connected_users))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::read))
        .routes(routes!(notifications::read_all))
        .routes(routes!(notifications::unread_count))
        .routes(routes!(price_alerts::list, price_alerts::create))
        .routes(routes!(price_alerts::get, price_alerts::patch, price_alerts::delete))
        .routes(routes!(price_alerts::toggle))
        .routes(routes!(price_alerts::preview))
        .routes(routes!(check::price_alert))
        .routes(routes!(ignored_listings::ignore_by_alert, ignored_listings::hear_by_alert))
        .routes(routes!(ignored_listings::ignore_by_search, ignored_listings::hear_by_search))
        .routes(routes!(saved_searches::list, saved_searches::create))
        .routes(routes!(saved_searches::preview))
        .routes(routes!(check::saved_search))
        .routes(routes!(saved_searches::run))
        .routes(routes!(saved_searches::get, saved_searches::patch, saved_searches::delete))
        .routes(routes!(sources::list, sources::create))
        .routes(routes!(sources::get, sources::patch, sources::delete))
        .routes(routes!(sources::start))
        .routes(routes!(sources::stop))
        .routes(routes!(sources::run))
        .routes(routes!(sources::page))
        .routes(routes!(operations::status))
}

/// The whole of HTTP but the sockets; `others` are described endpoints of other rooms.
pub fn router(api: Arc<Api>, others: OpenApiRouter<Arc<Api>>) -> Router {
    let (described, openapi) = api_routes().merge(others).split_for_parts();
    let mut router = described.merge(docs::routes(openapi)).merge(operations::routes()).merge(assets::routes());
    if let Some(dir) = &api.config.web.public_dir {
        router = router.merge(assets::public_dir(dir.clone()));
    }
    // A stream must not be held back by a compressor that waits for more.
    let compressible = SizeAbove::new(1024)
        .and(NotForContentType::SSE)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::const_new("application/x-ndjson"));
    router
        .fallback(|| async { Problem::not_found("there is nothing at this address") })
        .method_not_allowed_fallback(|| async { Problem::method_not_allowed() })
        .layer(RequestBodyTimeoutLayer::new(api.config.server.request_timeout))
        .layer(CompressionLayer::new().compress_when(compressible))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            axum::response::IntoResponse::into_response(Problem::internal(&"a handler panicked"))
        }))
        .layer(middleware::from_fn_with_state(Arc::clone(&api), observe))
        .with_state(api)
}

async fn observe(axum::extract::State(api): axum::extract::State<Arc<Api>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = api.clock.now();
    let mut response = next.run(request).await;
    // What says nothing of its own about caching is somebody's data.
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    let took: Duration = api.clock.now().duration_since(started).unsigned_abs();
    let status = response.status().as_u16();
    api.metrics.responded(status);
    tracing::debug!(%method, path, status, took_ms = took.as_secs_f64() * 1000.0, "request");
    response
}
