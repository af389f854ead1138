//! What is refused to protect the server: counted in `/metrics` and logged, each reason at most once a second.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::metrics::Metrics;

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalReason {
    /// The server has no room for one more connection.
    ServerFull,
    /// `limits.address_connections`.
    AddressConnections,
    /// `limits.user_connections`.
    UserConnections,
    /// `limits.user_event_streams`.
    UserEventStreams,
    /// A connection that had not signed in was closed to make room for another one.
    Evicted,
    /// A handshake or request was not complete by its deadline.
    Deadline,
    /// A client that had not signed in sent more, or faster, than it may.
    UnauthenticatedTraffic,
    /// The `Origin` is neither ours nor in `realtime.allowed_origins`.
    Origin,
    /// A Socket.IO client of an older protocol.
    ProtocolVersion,
    /// No valid credential.
    Unauthenticated,
    /// A sign-in beyond `limits.login_attempts_per_minute`.
    SignInLimit,
    /// More passwords wait to be checked than the server checks within a second.
    PasswordQueue,
    /// A request beyond `limits.user_requests_per_second` or `limits.publish_requests_per_second`.
    RequestRate,
    /// `limits.user_concurrent_queries`, or a query that took too long.
    Query,
    /// A body or array larger than its limit.
    Size,
    /// Too many bytes of answers wait for one user.
    UnreadAnswers,
}

/// The number of reasons.
const REASONS: usize = RefusalReason::UnreadAnswers as usize + 1;
/// The least time between two log lines of one reason.
const LOG_EVERY: Duration = Duration::from_secs(1);

impl RefusalReason {
    /// Its name in logs and metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerFull => "server_full",
            Self::AddressConnections => "address_connections",
            Self::UserConnections => "user_connections",
            Self::UserEventStreams => "user_event_streams",
            Self::Evicted => "evicted",
            Self::Deadline => "deadline",
            Self::UnauthenticatedTraffic => "unauthenticated_traffic",
            Self::Origin => "origin",
            Self::ProtocolVersion => "protocol_version",
            Self::Unauthenticated => "unauthenticated",
            Self::SignInLimit => "sign_in_limit",
            Self::PasswordQueue => "password_queue",
            Self::RequestRate => "request_rate",
            Self::Query => "query",
            Self::Size => "size",
            Self::UnreadAnswers => "unread_answers",
        }
    }
}

/// Counts refusals, and logs them without letting an attack fill the log. Clones share their state.
#[derive(Clone)]
pub struct Refusals {
    metrics: Arc<Metrics>,
    throttles: Arc<Mutex<[Throttle; REASONS]>>,
}

/// When a reason was last logged, and how many refusals were not logged since.
#[derive(Clone, Copy, Default)]
struct Throttle {
    logged_at: Option<Instant>,
    suppressed: u64,
}

impl Refusals {
    /// Refusals counted in these metrics.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, throttles: Arc::default() }
    }

    /// Notes one refusal; `address` and `user` say whose request it was, as far as that is known.
    pub fn note(&self, refusal: RefusalReason, address: Option<IpAddr>, user: Option<&str>) {
        self.note_many(refusal, 1, address, user);
    }

    /// Notes `count` refusals of one reason.
    pub fn note_many(&self, refusal: RefusalReason, count: u64, address: Option<IpAddr>, user: Option<&str>) {
        if count == 0 {
            return;
        }
        let reason = refusal.name();
        self.metrics.refused(reason, count);
        let Some(unlogged) = self.due(refusal, count) else { return };
        let address = address.map(tracing::field::display);
        tracing::warn!(target: "audit", event = "refused", reason, count = unlogged, address, user);
    }

    /// How many refusals the log line that is due now stands for; `None` while there was one within the last second.
    fn due(&self, refusal: RefusalReason, count: u64) -> Option<u64> {
        let mut throttles = self.throttles.lock().unwrap_or_else(PoisonError::into_inner);
        let throttle = &mut throttles[refusal as usize];
        throttle.suppressed += count;
        let now = Instant::now();
        if throttle.logged_at.is_some_and(|logged_at| now.duration_since(logged_at) < LOG_EVERY) {
            return None;
        }
        throttle.logged_at = Some(now);
        Some(std::mem::take(&mut throttle.suppressed))
    }
}
