//! Refusals that protect the server: counted in `/metrics`, and logged at most once a second per reason and network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::client_network::ClientNetwork;
use crate::metrics::Metrics;

/// Reason for a refusal; `docs/DEPLOY.md` describes each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// The limit of connections of all kinds is reached.
    ServerFull,
    /// Beyond `limits.address_connections`.
    AddressConnections,
    /// Beyond `limits.user_connections`.
    UserConnections,
    /// Beyond `limits.user_event_streams`.
    UserEventStreams,
    /// An unauthenticated connection was closed to make room for another one.
    Evicted,
    /// A handshake or request was not complete by its deadline.
    Deadline,
    /// An unauthenticated client sent more, or faster, than permitted.
    UnauthenticatedTraffic,
    /// A page of another site: its `Origin` is neither ours nor in `realtime.allowed_origins`.
    Origin,
    /// A Socket.IO client of an unsupported protocol version.
    ProtocolVersion,
    /// The credential is missing or invalid.
    Unauthenticated,
    /// A sign-in beyond `limits.login_attempts_per_minute`.
    SignInLimit,
    /// The queue for verifying passwords is full.
    PasswordQueue,
    /// A request beyond `limits.user_requests_per_second` or `limits.publish_requests_per_second`.
    RequestRate,
    /// Beyond `limits.user_concurrent_queries`, or a query that exceeded its time limit.
    Query,
    /// A body or array beyond its limit.
    Size,
    /// Too many bytes of responses to one client have not been read.
    UnreadAnswers,
}

/// Minimum time between two log lines of one reason and network.
const LOG_EVERY: Duration = Duration::from_secs(1);
/// Maximum delay of refusals that were not logged immediately.
const FLUSH_EVERY: Duration = Duration::from_secs(5);
/// Maximum combinations of network and reason that are throttled separately. Others share one log line per reason, so that an
/// attack from many networks fills neither memory nor log.
const MAX_THROTTLES: usize = 1_024;

impl RefusalReason {
    /// All reasons, in the order of their declaration, because they are used as indexes.
    const ALL: [Self; 16] = [
        Self::ServerFull,
        Self::AddressConnections,
        Self::UserConnections,
        Self::UserEventStreams,
        Self::Evicted,
        Self::Deadline,
        Self::UnauthenticatedTraffic,
        Self::Origin,
        Self::ProtocolVersion,
        Self::Unauthenticated,
        Self::SignInLimit,
        Self::PasswordQueue,
        Self::RequestRate,
        Self::Query,
        Self::Size,
        Self::UnreadAnswers,
    ];

    /// Returns the name in logs and metrics.
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

/// Counts refusals, and logs them with a throttle against attacks. Clones share their state.
#[derive(Clone)]
pub struct RefusalLog {
    metrics: Arc<Metrics>,
    throttles: Arc<Mutex<LogThrottles>>,
}

/// Throttles of log lines.
#[derive(Default)]
struct LogThrottles {
    /// Throttles of networks with recent refusals; `None` stands for refusals without an address.
    by_network: HashMap<(RefusalReason, Option<ClientNetwork>), LogThrottle>,
    /// Throttles for refusals beyond [`MAX_THROTTLES`], and for what was suppressed by removed throttles.
    shared: [LogThrottle; RefusalReason::ALL.len()],
    /// Time of the last removal of expired throttles.
    pruned_at: Option<Instant>,
}

/// Time of the last log line, and the number of refusals since.
#[derive(Clone, Copy, Default)]
struct LogThrottle {
    logged_at: Option<Instant>,
    suppressed: u64,
}

/// A log line to be written now.
struct DueLine {
    /// Number of refusals it covers.
    count: u64,
    /// Whether all refusals are from one network, so that the line may contain the address.
    is_of_one_network: bool,
}

impl RefusalLog {
    /// Creates throttles that have logged nothing yet.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics, throttles: Arc::default() }
    }

    /// Records one refusal; `address` and `user` identify the client, as far as they are known.
    pub fn note(&self, refusal: RefusalReason, address: Option<IpAddr>, user: Option<&str>) {
        self.note_many(refusal, 1, address, user);
    }

    /// Records `count` refusals for the same reason.
    pub fn note_many(&self, refusal: RefusalReason, count: u64, address: Option<IpAddr>, user: Option<&str>) {
        if count == 0 {
            return;
        }
        let reason = refusal.name();
        self.metrics.refused(reason, count);
        let mut throttles = self.throttles.lock();
        let due = throttles.add(refusal, address.map(ClientNetwork::from), count, Instant::now());
        // Logging may block, so the lock is released first.
        drop(throttles);
        let Some(DueLine { count, is_of_one_network }) = due else { return };
        let address = address.filter(|_| is_of_one_network).map(tracing::field::display);
        let user = user.filter(|_| is_of_one_network);
        tracing::warn!(target: "audit", event = "refused", reason, count, address, user);
    }

    /// Logs suppressed refusals, every [`FLUSH_EVERY`] and on shutdown.
    pub async fn log_suppressed(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(FLUSH_EVERY);
        let mut is_stopped = false;
        while !is_stopped {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => is_stopped = true,
            }
            // Runs once more after the stop, so that no refusal remains unlogged.
            let lines = self.throttles.lock().take_suppressed(Instant::now());
            for (refusal, network, count) in lines {
                let reason = refusal.name();
                let address = network.map(tracing::field::display);
                tracing::warn!(target: "audit", event = "refused", reason, count, address);
            }
        }
    }
}

impl LogThrottles {
    /// Counts refusals, and returns the line to log, unless one was logged within [`LOG_EVERY`].
    fn add(
        &mut self,
        refusal: RefusalReason,
        network: Option<ClientNetwork>,
        count: u64,
        now: Instant,
    ) -> Option<DueLine> {
        let key = (refusal, network);
        if !self.by_network.contains_key(&key) && self.by_network.len() >= MAX_THROTTLES {
            self.prune(now);
        }
        // Pruning may have made room.
        let has_room = self.by_network.len() < MAX_THROTTLES || self.by_network.contains_key(&key);
        let throttle =
            if has_room { self.by_network.entry(key).or_default() } else { &mut self.shared[refusal as usize] };
        let count = throttle.add(count, now)?;
        Some(DueLine { count, is_of_one_network: has_room })
    }

    /// Removes expired throttles, at most once a second, because it visits all of them.
    fn prune(&mut self, now: Instant) {
        if self.pruned_at.is_some_and(|pruned_at| now.duration_since(pruned_at) < LOG_EVERY) {
            return;
        }
        self.pruned_at = Some(now);
        let shared = &mut self.shared;
        // What a removed throttle has suppressed is logged later, without its address.
        self.by_network.retain(|(refusal, _), throttle| {
            let is_kept = throttle.is_closed(now);
            if !is_kept {
                shared[*refusal as usize].suppressed += throttle.suppressed;
            }
            is_kept
        });
    }
}

impl LogThrottles {
    /// Takes the counts of refusals that have not been logged.
    fn take_suppressed(&mut self, now: Instant) -> Vec<(RefusalReason, Option<ClientNetwork>, u64)> {
        let of_networks =
            self.by_network.iter_mut().map(|((refusal, network), throttle)| (*refusal, *network, throttle));
        let shared =
            RefusalReason::ALL.into_iter().zip(&mut self.shared).map(|(refusal, throttle)| (refusal, None, throttle));
        let lines = of_networks.chain(shared).filter_map(|(refusal, network, throttle)| {
            let count = std::mem::take(&mut throttle.suppressed);
            (count > 0).then(|| {
                throttle.logged_at = Some(now);
                (refusal, network, count)
            })
        });
        lines.collect()
    }
}

impl LogThrottle {
    fn is_closed(&self, now: Instant) -> bool {
        self.logged_at.is_some_and(|logged_at| now.duration_since(logged_at) < LOG_EVERY)
    }

    /// Counts refusals, and returns how many the line to log now covers.
    fn add(&mut self, count: u64, now: Instant) -> Option<u64> {
        self.suppressed += count;
        if self.is_closed(now) {
            return None;
        }
        self.logged_at = Some(now);
        Some(std::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_logged_is_logged_later() {
        let mut throttles = LogThrottles::default();
        let start = Instant::now();
        let network = Some(ClientNetwork::from(IpAddr::from([10, 0, 0, 1])));
        assert!(throttles.add(RefusalReason::RequestRate, network, 1, start).is_some());
        assert!(throttles.add(RefusalReason::RequestRate, network, 85, start).is_none());
        assert_eq!(throttles.take_suppressed(start), [(RefusalReason::RequestRate, network, 85)]);
        assert!(throttles.take_suppressed(start).is_empty());
    }

    const REASON: RefusalReason = RefusalReason::Unauthenticated;

    /// Records refusals of the network with this number; returns the count of the line to log, and whether it names the network.
    fn add(throttles: &mut LogThrottles, number: usize, count: u64, now: Instant) -> Option<(u64, bool)> {
        let network = IpAddr::from(u32::try_from(number).unwrap().to_be_bytes()).into();
        let line = throttles.add(REASON, Some(network), count, now)?;
        Some((line.count, line.is_of_one_network))
    }

    #[test]
    fn each_network_has_its_own_line_and_count() {
        let mut throttles = LogThrottles::default();
        let start = Instant::now();
        assert_eq!(add(&mut throttles, 1, 1, start), Some((1, true)));
        for _ in 0..1_000 {
            assert_eq!(add(&mut throttles, 1, 1, start), None);
        }
        assert_eq!(add(&mut throttles, 2, 1, start), Some((1, true)), "another network is not hidden");
        assert!(throttles.add(RefusalReason::Size, None, 1, start).is_some(), "nor is another reason");
        let later = start + LOG_EVERY;
        assert_eq!(add(&mut throttles, 2, 1, later), Some((1, true)));
        assert_eq!(add(&mut throttles, 1, 1, later), Some((1_001, true)));
    }

    #[test]
    fn networks_beyond_the_bound_share_a_line_without_an_address() {
        let mut throttles = LogThrottles::default();
        let start = Instant::now();
        for number in 0..MAX_THROTTLES {
            assert_eq!(add(&mut throttles, number, 2, start), Some((2, true)));
        }
        assert_eq!(add(&mut throttles, MAX_THROTTLES, 1, start), Some((1, false)));
        assert_eq!(add(&mut throttles, MAX_THROTTLES + 1, 1, start), None);
        assert_eq!(add(&mut throttles, 0, 5, start), None);
        let later = start + LOG_EVERY;
        assert_eq!(add(&mut throttles, MAX_THROTTLES, 1, later), Some((1, true)), "the others have expired");
        assert_eq!(throttles.by_network.len(), 1);
        assert_eq!(throttles.shared[REASON as usize].suppressed, 1 + 5, "none is lost");
    }

    #[test]
    fn every_reason_has_its_row_in_the_documentation() {
        let rows = include_str!("../docs/DEPLOY.md").lines();
        let rows: Vec<&str> =
            rows.filter_map(|row| row.strip_prefix("| `")?.split_once("` |")).map(|row| row.0).collect();
        for (index, reason) in RefusalReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
            assert_eq!(rows.iter().filter(|name| **name == reason.name()).count(), 1, "{}", reason.name());
        }
    }
}
