//! What is refused to protect the server: counted in `/metrics` and logged, at most once a second for each reason and
//! network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;

use crate::client_network::ClientNetwork;
use crate::metrics::Metrics;

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// A page of another site: the `Origin` is neither ours nor in `realtime.allowed_origins`.
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

/// The least time between two log lines of one reason and network.
const LOG_EVERY: Duration = Duration::from_secs(1);
/// How long a refusal waits for the next log line of its reason and network.
const FLUSH_EVERY: Duration = Duration::from_secs(5);
/// Networks and reasons that are throttled separately. What is beyond shares one line for each reason, so that an
/// attack from many networks fills neither the memory nor the log.
const MAX_THROTTLES: usize = 1_024;

impl RefusalReason {
    /// All of them, in their order.
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
pub struct RefusalLog {
    metrics: Arc<Metrics>,
    throttles: Arc<Mutex<LogThrottles>>,
}

/// The throttles of the log lines.
#[derive(Default)]
struct LogThrottles {
    /// Of networks that were refused something within the last seconds. `None` stands for refusals without an address.
    by_network: HashMap<(RefusalReason, Option<ClientNetwork>), LogThrottle>,
    /// Of refusals for which there was no room above, and of what was left unlogged when a throttle was dropped.
    shared: [LogThrottle; RefusalReason::ALL.len()],
    /// When expired throttles were dropped last.
    pruned_at: Option<Instant>,
}

/// When something was last logged, and how many refusals were not logged since.
#[derive(Clone, Copy, Default)]
struct LogThrottle {
    logged_at: Option<Instant>,
    suppressed: u64,
}

/// A log line that is due.
struct DueLine {
    /// How many refusals it stands for.
    count: u64,
    /// Whether all of them are of one network, so that the line may name the address.
    is_of_one_network: bool,
}

impl RefusalLog {
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
        let mut throttles = self.throttles.lock();
        let due = throttles.add(refusal, address.map(ClientNetwork::from), count, Instant::now());
        drop(throttles);
        let Some(DueLine { count, is_of_one_network }) = due else { return };
        let address = address.filter(|_| is_of_one_network).map(tracing::field::display);
        let user = user.filter(|_| is_of_one_network);
        tracing::warn!(target: "audit", event = "refused", reason, count, address, user);
    }

    /// Logs what was not logged by itself, every few seconds and at the end.
    pub async fn log_suppressed(self, stop: CancellationToken) {
        let mut ticks = tokio::time::interval(FLUSH_EVERY);
        let mut is_stopped = false;
        while !is_stopped {
            tokio::select! {
                _ = ticks.tick() => {}
                () = stop.cancelled() => is_stopped = true,
            }
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
    /// Counts refusals; the line that is due now, `None` while there was one within the last second.
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
        let has_room = self.by_network.len() < MAX_THROTTLES || self.by_network.contains_key(&key);
        let throttle =
            if has_room { self.by_network.entry(key).or_default() } else { &mut self.shared[refusal as usize] };
        let count = throttle.add(count, now)?;
        Some(DueLine { count, is_of_one_network: has_room })
    }

    /// Drops the throttles that would let the next line pass, at most once a second as it looks at all of them.
    fn prune(&mut self, now: Instant) {
        if self.pruned_at.is_some_and(|pruned_at| now.duration_since(pruned_at) < LOG_EVERY) {
            return;
        }
        self.pruned_at = Some(now);
        let shared = &mut self.shared;
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
    /// The refusals that were counted and not logged, by reason and network.
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

    /// Counts refusals; how many the line that is due now stands for.
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

    /// Notes one refusal or more of the network of that number; how many the due line stands for, and whether it names
    /// the network.
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
