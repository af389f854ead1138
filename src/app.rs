//! Puts the rooms together: the one place that knows them all.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use superbot_domain::{Clock, QueryKind};
use superbot_socketio::{Gate, Keeper, Origins};
use superbot_store::{Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;

use crate::admission::{Budgets, Capacity};
use crate::auth::{Authenticator, Passwords, Secret, SecretKind};
use crate::config::{AllowedOrigins, Config};
use crate::edge::Edge;
use crate::health::Health;
use crate::http::{self, Api, Lanes};
use crate::ingest::Publisher;
use crate::lifecycle::Lifecycle;
use crate::limits::RequestRates;
use crate::metrics::Metrics;
use crate::presence::Presence;
use crate::realtime::{self, Foundations, Realtime};
use crate::refusal::Refusals;
use crate::workers::{self, Announcer, Housekeeping, Reindexing, SessionExpiry, Standing, sources};

/// A program put together, not serving yet.
pub struct App {
    config: Arc<Config>,
    store: Store,
    publisher: Publisher,
    presence: Presence,
    realtime: Realtime,
    health: Health,
    lifecycle: Lifecycle,
    router: Router,
    budgets: Arc<Budgets>,
}

/// What is aborted at the deadline has this long to be gone.
const ABORTED_WITHIN: Duration = Duration::from_millis(500);

/// Opens the store that the settings name.
///
/// # Errors
/// When it cannot be opened, or was made by a newer version.
pub async fn open_store(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    let opened = open_store_at(config.store.url.reveal(), config, clock).await;
    opened.with_context(|| format!("opening the store {}", config.store.url))
}

/// Opens the store that the settings name and that is there; makes none.
///
/// # Errors
/// When there is none, when it cannot be opened, or was made by a newer version.
pub async fn open_existing_store(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    let opened = Store::open_existing(config.store.url.reveal(), store_options(config, clock)).await;
    opened.with_context(|| format!("opening the store {}", config.store.url))
}

/// Opens another store with the same settings.
///
/// # Errors
/// When it cannot be opened, or was made by a newer version.
pub async fn open_store_at(url: &str, config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    Ok(Store::open(url, store_options(config, clock)).await?)
}

fn store_options(config: &Config, clock: Arc<dyn Clock>) -> StoreOptions {
    StoreOptions {
        clock,
        read_connections: config.store.read_connections,
        match_on_arrival: config.listings.match_on_arrival,
        epoch_seed: rand::random(),
    }
}

impl App {
    /// Opens the store, starts to follow its log, and the workers unless told otherwise.
    ///
    /// # Errors
    /// When the store cannot be opened or read.
    pub async fn new(
        config: Arc<Config>,
        clock: Arc<dyn Clock>,
        capacity: Capacity,
        with_workers: bool,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let store = open_store(&config, Arc::clone(&clock)).await?;
        if config.listings.match_on_arrival {
            store.matches().prepare().await.context("reading price alerts and saved searches")?;
        }
        let lifecycle = Lifecycle::new(stop);
        let metrics = Arc::new(Metrics::default());
        let refusals = Refusals::new(Arc::clone(&metrics));
        let presence = Presence::of_node(rand::random());
        let health = Health::new(Arc::clone(&clock));
        let auth = Authenticator::new(store.clone().into(), lifecycle.clone());
        let edge = Arc::new(Edge::new(config.web.public_url.clone(), config.web.trusted_proxies.clone()));
        let publisher = Publisher::new(
            store.clone(),
            Arc::clone(&clock),
            presence.clone(),
            Arc::clone(&metrics),
            config.listings.clone(),
        );
        let rates = Arc::new(RequestRates::new(&config.limits, refusals.clone()));
        let budgets = Budgets::new(capacity, (&config.limits).into(), Arc::clone(&edge), refusals.clone());
        let base = Foundations {
            records: store.clone().into(),
            clock: Arc::clone(&clock),
            auth: auth.clone(),
            edge: Arc::clone(&edge),
            metrics: Arc::clone(&metrics),
            refusals: refusals.clone(),
            rates: Arc::clone(&rates),
            presence: presence.clone(),
            health: health.clone(),
        };
        let (sockets, settings) = socket_settings(&config, capacity, Arc::clone(&budgets));
        let realtime = Realtime::start(base, sockets, settings, &lifecycle).await?;
        lifecycle.run(auth.clone().learn());
        lifecycle.run(refusals.clone().log_suppressed(lifecycle.stopping().clone()));
        // These run with every server, as no process of their own does their work; doing it twice does no harm.
        let retention = &config.retention;
        let housekeeping = Housekeeping::new(store.clone(), Arc::clone(&clock), Arc::clone(&metrics), retention);
        workers::start(housekeeping, &health, &lifecycle);
        workers::start(SessionExpiry::new(store.clone(), Arc::clone(&clock)), &health, &lifecycle);
        workers::start(Reindexing::new(store.clone()), &health, &lifecycle);
        if store.is_shared() {
            workers::start(Announcer::new(store.clone(), presence.clone()), &health, &lifecycle);
        }
        if with_workers && config.workers.enabled {
            start_workers(&config, &store, &publisher, &clock, &health, &lifecycle)?;
        }
        let api = Api::new(
            store.clone(),
            clock,
            auth,
            Passwords::for_this_machine()?,
            publisher.clone(),
            metrics,
            refusals,
            health.clone(),
            edge,
            Arc::clone(&config),
            rates,
        );
        let router = http::router(Arc::new(api), realtime.routes());
        Ok(Self { config, store, publisher, presence, realtime, health, lifecycle, router, budgets })
    }

    /// The five publishing functions, for programs that embed this one.
    pub fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// The signs of life of the long tasks.
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// A new secret that makes the first admin, while there is none.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn set_up_secret(&self) -> anyhow::Result<Option<Secret>> {
        if self.store.users().has_admin().await? {
            return Ok(None);
        }
        let secret = Secret::generate(SecretKind::SetUp);
        self.store.secrets().set_setup_token_hash(Some(secret.hash())).await?;
        Ok(Some(secret))
    }

    /// Serves until told to stop, then drains: no new connections, clients are told when to
    /// come back, what was begun is finished, and all of it within the deadline.
    ///
    /// # Errors
    /// The reason, when something other than a request to stop ended it.
    pub async fn serve(self, listener: TcpListener, capacity: Capacity) -> anyhow::Result<()> {
        let stop = self.lifecycle.stopping().clone();
        let deadline = self.config.server.drain_deadline;
        let options = http::Options {
            max_connections: capacity.descriptors,
            header_timeout: self.config.server.header_timeout,
            request_timeout: self.config.server.request_timeout,
            write_timeout: self.config.server.request_timeout,
        };
        let abort = CancellationToken::new();
        let security = http::SecurityHeaders::new(self.config.web.public_url.as_ref());
        let service = ServiceBuilder::new().map_response(move |response: Response<_>| {
            let mut response = response.map(Body::new);
            security.add_to(response.headers_mut());
            response
        });
        let service = service.layer(self.realtime.layer()).service(self.router);
        // Until the store is closed: connections to its database may have been made there.
        let lanes = Lanes::for_this_machine().context("starting threads for connections")?;
        let sockets = self.realtime.server().clone();
        let stops = (stop.clone(), abort.clone());
        let serving = http::serve(listener, service, options, self.budgets, sockets, lanes.handles().to_vec(), stops);
        self.lifecycle.keep("the accept loop", serving);
        stop.cancelled().await;

        tracing::info!(deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX), "stopping");
        let until = Instant::now() + deadline;
        tokio::spawn(async move {
            tokio::time::sleep_until(until).await;
            abort.cancel();
        });
        self.realtime.drain(deadline).await;
        let left = until.saturating_duration_since(Instant::now()) + ABORTED_WITHIN;
        let finished = self.lifecycle.finish(left).await;
        if self.store.is_shared() {
            // Should it fail: a node that was not heard of for a while counts as gone.
            drop(tokio::time::timeout(ABORTED_WITHIN, self.store.nodes().delete(self.presence.node())).await);
        }
        self.store.close().await;
        drop(lanes);
        finished
    }
}

/// Starts what works on its own: standing queries and sources.
fn start_workers(
    config: &Config,
    store: &Store,
    publisher: &Publisher,
    clock: &Arc<dyn Clock>,
    health: &Health,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    for kind in QueryKind::ALL {
        let worker = Standing::new(kind, store.clone(), Arc::clone(clock), config.workers.every(kind));
        workers::start(worker, health, lifecycle);
    }
    let ground = sources::Ground::new(config, store.clone(), publisher.clone(), Arc::clone(clock))?;
    sources::start(ground, config.sources.request_timeout, health, lifecycle);
    Ok(())
}

/// How long a client may take to join the namespace. Official clients send CONNECT as soon as the transport is open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The Socket.IO server's settings, and the hub's.
fn socket_settings(
    config: &Config,
    capacity: Capacity,
    budgets: Arc<Budgets>,
) -> (superbot_socketio::Config, realtime::Settings) {
    let realtime = &config.realtime;
    let any_origin = realtime.allowed_origins == AllowedOrigins::Any;
    let origins = match &realtime.allowed_origins {
        AllowedOrigins::Any => Origins::Any,
        AllowedOrigins::Listed(origins) => Origins::List(origins.clone()),
    };
    let public_url = config.web.public_url.iter();
    let sockets = superbot_socketio::Config {
        path: realtime.path.clone(),
        ping_interval: realtime.ping_interval,
        ping_timeout: realtime.ping_timeout,
        max_payload: realtime.max_payload_bytes,
        queue_bytes: realtime.queue_bytes,
        write_deadline: realtime.write_deadline,
        max_connections: capacity.sockets,
        connect_timeout: CONNECT_TIMEOUT,
        gate: Gate { guests: budgets.guests.clone(), keeper: Keeper(budgets), ..Gate::default() },
        origins,
        public_origins: public_url.map(|url| url.origin().ascii_serialization()).collect(),
        ..superbot_socketio::Config::default()
    };
    let settings = realtime::Settings {
        allow_anonymous: realtime.allow_anonymous,
        any_origin,
        replay_limit: realtime.replay_limit,
        socket_events_per_second: config.limits.socket_events_per_second,
        user_limits: realtime::UserLimits {
            connections: config.limits.user_connections,
            event_streams: config.limits.user_event_streams,
        },
        portions: realtime::Portions::default(),
    };
    (sockets, settings)
}
