//! The REST API, the pages, and the files of the browser client.

mod account;
mod accounts;
mod assets;
mod buffers;
mod check;
mod client_key;
mod cookies;
mod docs;
mod extract;
mod favorites;
mod headers;
mod held_body;
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
mod queries;
mod register;
mod removal;
mod request_body;
mod saved_searches;
mod serve;
mod sessions;
mod sources;
mod spool;
mod step_up;
mod tokens;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::Response;
use http::{HeaderValue, header};
use superbot_domain::Clock;
use superbot_store::Store;
use tokio::sync::{OnceCell, Semaphore};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate as _, SizeAbove};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::admission::ClientSlots;
use crate::audit::printable;
use crate::auth::{Account, Authenticator, HashingSlot, Passwords, Requester};
use crate::config::Config;
use crate::edge::Edge;
use crate::health::Health;
use crate::ingest::Publisher;
use crate::limits::RequestRates;
use crate::metrics::Metrics;
use crate::problem::{Problem, Result};
use crate::refusal::{RefusalReason, Refusals};
use buffers::{BufferBudget, BufferLimits};
use extract::Client;
use limits::{Attempt, Charged, Limits};
use queries::QueryGate;
use spool::SpoolRoom;

pub use docs::document;
pub use headers::SecurityHeaders;
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
    rates: Arc<RequestRates>,
    /// Signs the cookies of browsers that have signed in; read when it is first needed.
    browser_key: OnceCell<[u8; 32]>,
    /// What `/readyz` found wrong with the store when it was last asked.
    store_problem: Mutex<Option<&'static str>>,
    queries: QueryGate,
    answers: BufferBudget,
    bodies: BufferBudget,
    /// Bounds the large bodies that are parsed at the same time.
    parsers: Arc<Semaphore>,
    /// Bounds the bodies of NDJSON that are read at the same time.
    streams: Arc<Semaphore>,
    /// Bounds those of one account.
    account_streams: ClientSlots<Account>,
    spools: SpoolRoom,
    started_at: Instant,
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
        rates: Arc<RequestRates>,
    ) -> Self {
        let limits = Limits::new(&config.limits, store.clone());
        let started_at = Instant::now();
        let queries = QueryGate::new(config.limits.user_concurrent_queries, refusals.clone());
        let answers = BufferBudget::new(buffers::ANSWERS);
        let bodies = BufferBudget::new(BufferLimits::of_bodies(config.limits.listing_body_bytes));
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
            rates,
            browser_key: OnceCell::new(),
            store_problem: Mutex::default(),
            queries,
            answers,
            bodies,
            parsers: Arc::new(Semaphore::new(other_threads().get())),
            streams: Arc::new(Semaphore::new(ndjson::MAX_STREAMS)),
            account_streams: ClientSlots::new(ndjson::MAX_ACCOUNT_STREAMS),
            spools: ndjson::spool_room(),
            started_at,
        }
    }

    /// A place in the queue of passwords to be hashed or checked.
    fn reserve_hashing(&self, requester: Requester, client: Client) -> Result<HashingSlot> {
        self.passwords.reserve(requester).ok_or_else(|| {
            self.refusals.note(RefusalReason::PasswordQueue, client.address, None);
            Problem::unavailable("too many passwords are being checked at the moment; try again")
        })
    }

    /// Charges for an attempt to prove something with a secret, and notes it where it is refused.
    async fn begin_attempt(&self, attempt: Attempt<'_>, client: Client, user: Option<&str>) -> Result<Charged> {
        self.limits.begin(attempt).await.inspect_err(|problem| {
            if problem.status == 429 {
                let user = user.map(printable);
                self.refusals.note(RefusalReason::SignInLimit, client.address, user.as_deref());
            }
        })
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
        .routes(routes!(accounts::update, removal::user))
        .routes(routes!(password_reset::create))
        .routes(routes!(invites::list, invites::create))
        .routes(routes!(invites::revoke))
        .routes(routes!(accounts::stats))
        .routes(routes!(listings::list, publish::listings))
        .routes(routes!(listings::get, removal::listing))
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
    let answers = middleware::from_fn_with_state(Arc::clone(&api), buffers::bound_answers);
    let described = described.merge(operations::routes()).layer(answers);
    // What is the same for all is in memory once, however many read it.
    let mut router = described.merge(docs::routes(openapi)).merge(assets::routes(api.config.web.loopback_pictures));
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
        .layer(CompressionLayer::new().compress_when(compressible))
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            axum::response::IntoResponse::into_response(Problem::internal(&"a handler panicked"))
        }))
        .layer(middleware::from_fn_with_state(Arc::clone(&api), observe))
        .with_state(api)
}

async fn observe(axum::extract::State(api): axum::extract::State<Arc<Api>>, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let started = Instant::now();
    let (parts, body) = request.into_parts();
    let client = api.edge.client_address(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(reason) = response.extensions_mut().remove::<RefusalReason>() {
        api.refusals.note(reason, client, None);
    }
    // What says nothing of its own about caching is somebody's data.
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let took: Duration = started.elapsed();
    let status = response.status().as_u16();
    api.metrics.responded(status);
    tracing::debug!(%method, path, status, took_ms = took.as_secs_f64() * 1000.0, "request");
    response
}
