//! What the handlers share.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Instant;

use superbot_domain::Clock;
use superbot_store::Store;
use tokio::sync::{OnceCell, Semaphore};

use super::buffers::{ANSWERS, BufferBudget, BufferLimits};
use super::client::Client;
use super::lanes::other_threads;
use super::limits::{Attempt, Charged, Limits};
use super::ndjson_limits::{MAX_ACCOUNT_STREAMS, MAX_STREAMS, spool_room};
use super::queries::QueryGate;
use super::spool::SpoolRoom;
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
    pub(super) limits: Limits,
    pub(super) rates: Arc<RequestRates>,
    /// Signs the cookies of browsers that have signed in; read when it is first needed.
    pub(super) browser_key: OnceCell<[u8; 32]>,
    /// What `/readyz` found wrong with the store when it was last asked.
    pub(super) store_problem: Mutex<Option<&'static str>>,
    pub(super) queries: QueryGate,
    pub(super) answers: BufferBudget,
    pub(super) bodies: BufferBudget,
    /// Bounds the large bodies that are parsed at the same time.
    pub(super) parsers: Arc<Semaphore>,
    /// Bounds the bodies of NDJSON that are read at the same time.
    pub(super) streams: Arc<Semaphore>,
    /// Bounds those of one account.
    pub(super) account_streams: ClientSlots<Account>,
    pub(super) spools: SpoolRoom,
    pub(super) started_at: Instant,
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
            parsers: Arc::new(Semaphore::new(other_threads().get())),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            account_streams: ClientSlots::new(MAX_ACCOUNT_STREAMS),
            spools: spool_room(),
            started_at,
        }
    }

    /// A place in the queue of passwords to be hashed or checked.
    pub(super) fn reserve_hashing(&self, requester: Requester, client: Client) -> Result<HashingSlot> {
        self.passwords.reserve(requester).ok_or_else(|| {
            self.refusals.note(RefusalReason::PasswordQueue, client.address, None);
            Problem::unavailable("too many passwords are being checked at the moment; try again")
        })
    }

    /// Charges for an attempt to prove something with a secret, and notes it where it is refused.
    pub(super) async fn begin_attempt(
        &self,
        attempt: Attempt<'_>,
        client: Client,
        user: Option<&str>,
    ) -> Result<Charged> {
        self.limits.begin(attempt).await.inspect_err(|problem| {
            if problem.status == 429 {
                let user = user.map(printable);
                self.refusals.note(RefusalReason::SignInLimit, client.address, user.as_deref());
            }
        })
    }
}
