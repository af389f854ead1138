//! State shared by the handlers.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use superbot_domain::Clock;
use superbot_store::Store;
use tokio::sync::{OnceCell, Semaphore};

use super::buffers::{ANSWERS, BufferBudget, BufferLimits};
use super::client::RequestClient;
use super::lanes::other_threads;
use super::limits::{AttemptKind, AttemptLimits, ChargedAttempt};
use super::ndjson_limits::{MAX_ACCOUNT_STREAMS, MAX_STREAMS, spool_room};
use super::queries::QueryGate;
use super::spool::SpoolRoom;
use crate::admission::ClientSlots;
use crate::audit::printable;
use crate::auth::{Authenticator, ChargedAccount, HashRequester, HashingSlot, PasswordHasher};
use crate::config::Config;
use crate::edge::ProxyPolicy;
use crate::health::TaskHealth;
use crate::ingest::Publisher;
use crate::limits::RequestRates;
use crate::metrics::Metrics;
use crate::problem::{Problem, Result};
use crate::refusal::{RefusalLog, RefusalReason};

/// State shared by the handlers.
pub struct ApiState {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) auth: Authenticator,
    pub(crate) passwords: PasswordHasher,
    pub(crate) publisher: Publisher,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) refusals: RefusalLog,
    pub(crate) health: TaskHealth,
    pub(crate) edge: Arc<ProxyPolicy>,
    pub(crate) config: Arc<Config>,
    pub(super) limits: AttemptLimits,
    pub(super) rates: Arc<RequestRates>,
    /// Key of the cookies of recognized browsers; loaded from the store on first use.
    pub(super) browser_key: OnceCell<[u8; 32]>,
    /// Result of the last check of the store by `/readyz`; a change is logged.
    pub(super) store_problem: Mutex<Option<&'static str>>,
    pub(super) queries: QueryGate,
    pub(super) answers: BufferBudget,
    pub(super) bodies: BufferBudget,
    /// Bounds the number of large bodies that are parsed concurrently.
    pub(super) parsers: Arc<Semaphore>,
    /// Bounds the number of NDJSON bodies that are read concurrently.
    pub(super) streams: Arc<Semaphore>,
    /// Bounds the NDJSON bodies of one account.
    pub(super) account_streams: ClientSlots<ChargedAccount>,
    pub(super) spools: SpoolRoom,
    pub(super) started_at: Instant,
}

impl ApiState {
    /// Creates the shared state, with unused budgets.
    #[expect(clippy::too_many_arguments, reason = "each is a different thing, named where it is made")]
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        auth: Authenticator,
        passwords: PasswordHasher,
        publisher: Publisher,
        metrics: Arc<Metrics>,
        refusals: RefusalLog,
        health: TaskHealth,
        edge: Arc<ProxyPolicy>,
        config: Arc<Config>,
        rates: Arc<RequestRates>,
    ) -> Self {
        let limits = AttemptLimits::new(&config.limits, store.clone());
        let started_at = Instant::now();
        let queries = QueryGate::new(config.limits.user_concurrent_queries, refusals.clone());
        let answers = BufferBudget::new(ANSWERS);
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
            // One per thread that serves requests, because parsing occupies a processor.
            parsers: Arc::new(Semaphore::new(other_threads().get())),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            account_streams: ClientSlots::new(MAX_ACCOUNT_STREAMS),
            spools: spool_room(),
            started_at,
        }
    }

    /// Reserves a place in the queue for hashing passwords; 503 while it is full.
    pub(super) fn reserve_hashing(&self, requester: HashRequester, client: RequestClient) -> Result<HashingSlot> {
        self.passwords.reserve(requester).ok_or_else(|| {
            self.refusals.note(RefusalReason::PasswordQueue, client.address, None);
            Problem::unavailable("too many passwords are being verified; try again")
        })
    }

    /// Charges an attempt to authenticate with a secret against its rate limits, logging a refusal.
    pub(super) async fn begin_attempt(
        &self,
        attempt: AttemptKind<'_>,
        client: RequestClient,
        user: Option<&str>,
    ) -> Result<ChargedAttempt> {
        self.limits.begin(attempt).await.inspect_err(|problem| {
            if problem.status == 429 {
                let user = user.map(printable);
                self.refusals.note(RefusalReason::SignInLimit, client.address, user.as_deref());
            }
        })
    }
}
