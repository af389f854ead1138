//! Assembles the parts of the program.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use superbot_domain::{Clock, QueryKind};
use superbot_socketio::{AllowedOriginList, GuestGate, SharedGatekeeper};
use superbot_store::{Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceBuilder;

use crate::admission::{AdmissionBudgets, ConnectionCapacity};
use crate::auth::{Authenticator, PasswordHasher, RandomSecret, SecretKind};
use crate::config::{AllowedOrigins, Config};
use crate::edge::ProxyPolicy;
use crate::health::TaskHealth;
use crate::http::{self, ApiState, IoThreads};
use crate::ingest::Publisher;
use crate::lifecycle::Lifecycle;
use crate::limits::RequestRates;
use crate::metrics::Metrics;
use crate::presence::PresenceRegister;
use crate::realtime::{self, HubDeps, RealtimeServer};
use crate::refusal::RefusalLog;
use crate::workers::{self, PresenceAnnouncer, PruneWorker, Reindexing, SessionExpiry, StandingQueryWorker, sources};

/// The assembled program, before it serves connections.
pub struct App {
    config: Arc<Config>,
    store: Store,
    publisher: Publisher,
    presence: PresenceRegister,
    realtime: RealtimeServer,
    health: TaskHealth,
    lifecycle: Lifecycle,
    router: Router,
    budgets: Arc<AdmissionBudgets>,
}

/// How long tasks that were aborted at the drain deadline may take to end.
const ABORTED_WITHIN: Duration = Duration::from_millis(500);

/// Opens the configured store, creating it if it does not exist.
///
/// # Errors
/// When it cannot be opened, or its schema is newer than this program.
pub async fn open_store(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    let opened = open_store_at(config.store.url.reveal(), config, clock).await;
    opened.with_context(|| format!("opening the store {}", config.store.url))
}

/// Opens the configured store, which has to exist.
///
/// # Errors
/// When it does not exist, cannot be opened, or its schema is newer than this program.
pub async fn open_existing_store(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    let opened = Store::open_existing(config.store.url.reveal(), store_options(config, clock)).await;
    opened.with_context(|| format!("opening the store {}", config.store.url))
}

/// Opens the store at `url` with the options of `config`.
///
/// # Errors
/// When it cannot be opened, or its schema is newer than this program.
pub async fn open_store_at(url: &str, config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    Ok(Store::open(url, store_options(config, clock)).await?)
}

fn store_options(config: &Config, clock: Arc<dyn Clock>) -> StoreOptions {
    StoreOptions {
        clock,
        read_connections: config.store.read_connections,
        match_on_arrival: config.listings.match_on_arrival,
        recurring_price: config.listings.recurring_price,
        epoch_seed: rand::random(),
    }
}

impl App {
    /// Opens the store, and starts to follow its log and, if `with_workers`, the workers.
    ///
    /// # Errors
    /// When the store cannot be opened or read.
    pub async fn new(
        config: Arc<Config>,
        clock: Arc<dyn Clock>,
        capacity: ConnectionCapacity,
        with_workers: bool,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let store = open_store(&config, Arc::clone(&clock)).await?;
        if config.listings.match_on_arrival {
            store.matches().prepare().await.context("reading price alerts and saved searches")?;
        }
        let lifecycle = Lifecycle::new(stop);
        let metrics = Arc::new(Metrics::default());
        let refusals = RefusalLog::new(Arc::clone(&metrics));
        let presence = PresenceRegister::of_node(rand::random());
        let health = TaskHealth::new(Arc::clone(&clock));
        let auth = Authenticator::new(store.clone().into(), lifecycle.clone());
        let edge = Arc::new(ProxyPolicy::new(config.web.public_url.clone(), config.web.trusted_proxies.clone()));
        let publisher = Publisher::new(
            store.clone(),
            Arc::clone(&clock),
            presence.clone(),
            Arc::clone(&metrics),
            config.listings.clone(),
        );
        let rates = Arc::new(RequestRates::new(&config.limits, refusals.clone()));
        let budgets = AdmissionBudgets::new(capacity, (&config.limits).into(), Arc::clone(&edge), refusals.clone());
        let base = HubDeps {
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
        let realtime = RealtimeServer::start(base, sockets, settings, &lifecycle).await?;
        lifecycle.run(auth.clone().warm_cache());
        lifecycle.run(refusals.clone().log_suppressed(lifecycle.stopping().clone()));
        // These have no command that runs them in a separate process. Several servers may run them concurrently.
        let retention = &config.retention;
        let housekeeping = PruneWorker::new(store.clone(), Arc::clone(&clock), Arc::clone(&metrics), retention);
        workers::start(housekeeping, &health, &lifecycle);
        workers::start(SessionExpiry::new(store.clone(), Arc::clone(&clock)), &health, &lifecycle);
        workers::start(Reindexing::new(store.clone()), &health, &lifecycle);
        if store.is_shared() {
            workers::start(PresenceAnnouncer::new(store.clone(), presence.clone()), &health, &lifecycle);
        }
        if with_workers && config.workers.enabled {
            start_workers(&config, &store, &publisher, &clock, &health, &lifecycle)?;
        }
        let api = ApiState::new(
            store.clone(),
            clock,
            auth,
            PasswordHasher::for_this_machine()?,
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

    /// Returns the publishing functions, for programs that embed this one.
    pub fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// Returns the heartbeats of the background tasks.
    pub fn health(&self) -> &TaskHealth {
        &self.health
    }

    /// Creates the one-time secret for registering the first admin, or returns `None` if there is an admin. It replaces
    /// earlier ones.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn set_up_secret(&self) -> anyhow::Result<Option<RandomSecret>> {
        if self.store.users().has_admin().await? {
            return Ok(None);
        }
        let secret = RandomSecret::generate(SecretKind::SetUp);
        self.store.secrets().set_setup_token_hash(Some(secret.hash())).await?;
        Ok(Some(secret))
    }

    /// Serves until `Lifecycle` stops, then drains within `server.drain_deadline_ms`: accepts no more connections, sends
    /// clients `going_away` with a delay for reconnecting, and completes requests in progress.
    ///
    /// # Errors
    /// The reason, if the program ended for another reason than a request to stop.
    pub async fn serve(self, listener: TcpListener, capacity: ConnectionCapacity) -> anyhow::Result<()> {
        let stop = self.lifecycle.stopping().clone();
        let deadline = self.config.server.drain_deadline;
        let options = http::ServeOptions {
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
        // Dropped after the store is closed: its connections may be registered with the reactors of these threads.
        let lanes = IoThreads::for_this_machine().context("starting threads for connections")?;
        let sockets = self.realtime.server().clone();
        let stops = (stop.clone(), abort.clone());
        let serving = http::serve(listener, service, options, self.budgets, sockets, lanes.handles().to_vec(), stops);
        self.lifecycle.spawn_critical("the accept loop", serving);
        stop.cancelled().await;

        tracing::info!(deadline_ms = u64::try_from(deadline.as_millis()).unwrap_or(u64::MAX), "stopping");
        let until = Instant::now() + deadline;
        tokio::spawn(async move {
            tokio::time::sleep_until(until).await;
            abort.cancel();
        });
        // The hub first: it needs the connections open in order to send `going_away`.
        self.realtime.drain(deadline).await;
        let left = until.saturating_duration_since(Instant::now()) + ABORTED_WITHIN;
        let finished = self.lifecycle.finish(left).await;
        if self.store.is_shared() {
            // On failure the node's row expires by itself, because it is no longer renewed.
            drop(tokio::time::timeout(ABORTED_WITHIN, self.store.nodes().delete(self.presence.node())).await);
        }
        self.store.close().await;
        drop(lanes);
        finished
    }
}

/// Starts the workers of standing queries and of sources.
fn start_workers(
    config: &Config,
    store: &Store,
    publisher: &Publisher,
    clock: &Arc<dyn Clock>,
    health: &TaskHealth,
    lifecycle: &Lifecycle,
) -> anyhow::Result<()> {
    for kind in QueryKind::ALL {
        let worker = StandingQueryWorker::new(kind, store.clone(), Arc::clone(clock), config.workers.every(kind));
        workers::start(worker, health, lifecycle);
    }
    let ground = sources::SourceContext::new(config, store.clone(), publisher.clone(), Arc::clone(clock))?;
    sources::start(ground, config.sources.request_timeout, health, lifecycle);
    Ok(())
}

/// Deadline for joining the namespace. Official clients send CONNECT as soon as the transport is open.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns the settings of the Socket.IO server and of the hub.
fn socket_settings(
    config: &Config,
    capacity: ConnectionCapacity,
    budgets: Arc<AdmissionBudgets>,
) -> (superbot_socketio::SocketIoConfig, realtime::RealtimeSettings) {
    let realtime = &config.realtime;
    let any_origin = realtime.allowed_origins == AllowedOrigins::Any;
    let origins = match &realtime.allowed_origins {
        AllowedOrigins::Any => AllowedOriginList::Any,
        AllowedOrigins::Listed(origins) => AllowedOriginList::List(origins.clone()),
    };
    let public_url = config.web.public_url.iter();
    let sockets = superbot_socketio::SocketIoConfig {
        path: realtime.path.clone(),
        ping_interval: realtime.ping_interval,
        ping_timeout: realtime.ping_timeout,
        max_payload: realtime.max_payload_bytes,
        queue_bytes: realtime.queue_bytes,
        write_deadline: realtime.write_deadline,
        max_connections: capacity.sockets,
        connect_timeout: CONNECT_TIMEOUT,
        gate: GuestGate { guests: budgets.guests.clone(), keeper: SharedGatekeeper(budgets), ..GuestGate::default() },
        origins,
        public_origins: public_url.map(|url| url.origin().ascii_serialization()).collect(),
        ..superbot_socketio::SocketIoConfig::default()
    };
    let settings = realtime::RealtimeSettings {
        allow_anonymous: realtime.allow_anonymous,
        any_origin,
        replay_limit: realtime.replay_limit,
        socket_events_per_second: config.limits.socket_events_per_second,
        user_limits: realtime::UserLimits {
            connections: config.limits.user_connections,
            event_streams: config.limits.user_event_streams,
        },
        portions: realtime::BatchLimits::default(),
    };
    (sockets, settings)
}
