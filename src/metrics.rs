//! The metrics served at `/metrics`.

mod format;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use superbot_domain::{EventKind, Seq, Timestamp};

pub use format::MetricsFormat;

/// All metrics of the process. The methods that record them are called on hot paths, and must not block.
pub struct Metrics {
    registry: Mutex<Registry>,
    listings: Family<StatusLabel, Counter>,
    events: Family<EventLabel, Counter>,
    replays: Family<RecoveredLabel, Counter>,
    replayed_events: Counter,
    fell_behind: Counter,
    refused_connections: Counter,
    refused: Family<ReasonLabel, Counter>,
    requests: Family<ResponseLabel, Counter>,
    log_seq: Gauge,
    event_streams: Gauge,
    pruned_events: Counter,
    repaired: Family<WorkerLabel, Counter>,
    reindexed_ratio: Gauge<f64, AtomicU64>,
    ingest_seconds: Histogram,
    delivery_seconds: Histogram,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabel {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabel {
    event: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RecoveredLabel {
    recovered: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct WorkerLabel {
    worker: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResponseLabel {
    status: u16,
}

impl Default for Metrics {
    fn default() -> Self {
        // 50 us to 26 s, doubling.
        let buckets = || exponential_buckets(0.000_05, 2.0, 20);
        let metrics = Self {
            registry: Mutex::default(),
            listings: Family::default(),
            events: Family::default(),
            replays: Family::default(),
            replayed_events: Counter::default(),
            fell_behind: Counter::default(),
            refused_connections: Counter::default(),
            refused: Family::default(),
            requests: Family::default(),
            log_seq: Gauge::default(),
            event_streams: Gauge::default(),
            pruned_events: Counter::default(),
            repaired: Family::default(),
            reindexed_ratio: Gauge::default(),
            ingest_seconds: Histogram::new(buckets()),
            delivery_seconds: Histogram::new(buckets()),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&self) {
        let mut registry = self.registry.lock();
        let r = registry.sub_registry_with_prefix("superbot");
        r.register("listings", "Listings published, by result", self.listings.clone());
        r.register("events", "Events delivered to this process's clients, by name", self.events.clone());
        r.register("replays", "Clients that reconnected with a cursor", self.replays.clone());
        r.register("replayed_events", "Missed events replayed to reconnecting clients", self.replayed_events.clone());
        r.register("fell_behind", "Times a slow client was switched to reading from the log", self.fell_behind.clone());
        r.register(
            "refused_connections",
            "Connections refused without a valid credential",
            self.refused_connections.clone(),
        );
        r.register(
            "refused",
            "Connections and requests refused to protect the server, by reason",
            self.refused.clone(),
        );
        r.register("http_responses", "HTTP responses, by status", self.requests.clone());
        r.register("log_seq", "Sequence number of the newest event this process delivered", self.log_seq.clone());
        r.register("event_streams", "Open Server-Sent Events streams", self.event_streams.clone());
        r.register("pruned_events", "Events removed from the log by retention", self.pruned_events.clone());
        r.register(
            "repaired_matches",
            "Matches missed at ingest and delivered later by a worker, of all processes",
            self.repaired.clone(),
        );
        r.register(
            "reindexed_ratio",
            "Share of the stored listings whose words are indexed as this version reads them, 1 for all",
            self.reindexed_ratio.clone(),
        );
        r.register("ingest_seconds", "Time from a parsed batch of listings to its commit", self.ingest_seconds.clone());
        r.register(
            "delivery_seconds",
            "Time from an event's creation to its delivery to this process's clients",
            self.delivery_seconds.clone(),
        );
    }

    /// Registers metrics whose values are read when they are scraped.
    pub fn collect_from(&self, collector: Box<dyn Collector>) {
        self.registry.lock().register_collector(collector);
    }

    /// Encodes all metrics as text.
    ///
    /// # Errors
    /// When a collector fails.
    pub fn encode(&self, format: MetricsFormat) -> Result<String, fmt::Error> {
        let mut text = String::new();
        let registry = self.registry.lock();
        prometheus_client::encoding::text::encode(&mut text, &registry)?;
        Ok(match format {
            MetricsFormat::OpenMetrics => text,
            MetricsFormat::Prometheus => format::prometheus(&text),
        })
    }

    /// Records a batch of listings, with the result of each.
    pub fn ingested(&self, from: Timestamp, to: Timestamp, became: impl Iterator<Item = &'static str>) {
        self.ingest_seconds.observe(seconds(from, to));
        for status in became {
            self.listings.get_or_create(&StatusLabel { status }).inc();
        }
    }

    /// Records the delivery of an event to all of its live recipients.
    pub fn delivered(&self, kind: EventKind, seq: Seq, at: Timestamp, now: Timestamp) {
        self.events.get_or_create(&EventLabel { event: kind.wire_name() }).inc();
        self.delivery_seconds.observe(seconds(at, now));
        self.log_at(seq);
    }

    /// Records the position to which the log has been read.
    pub fn log_at(&self, seq: Seq) {
        self.log_seq.set(i64::try_from(seq).unwrap_or(i64::MAX));
    }

    /// Returns the position to which the log has been read.
    pub fn log_seq(&self) -> Seq {
        Seq::try_from(self.log_seq.get()).unwrap_or(0)
    }

    /// Records a client that reconnected with a cursor, and the number of replayed events.
    pub fn replay(&self, recovered: bool, events: u64) {
        let recovered = if recovered { "true" } else { "false" };
        self.replays.get_or_create(&RecoveredLabel { recovered }).inc();
        self.replayed_events.inc_by(events);
    }

    /// Records a slow client that was switched to reading from the log.
    pub fn fell_behind(&self) {
        self.fell_behind.inc();
    }

    /// Records a connection refused without a valid credential.
    pub fn refused_connection(&self) {
        self.refused_connections.inc();
    }

    /// Records refusals; called by [`crate::refusal::RefusalLog`], which also logs them.
    pub fn refused(&self, reason: &'static str, count: u64) {
        self.refused.get_or_create(&ReasonLabel { reason }).inc_by(count);
    }

    /// Records an HTTP response.
    pub fn responded(&self, status: u16) {
        self.requests.get_or_create(&ResponseLabel { status }).inc();
    }

    /// Records that an event stream was opened (`1`) or closed (`-1`).
    pub fn event_streams(&self, change: i64) {
        self.event_streams.inc_by(change);
    }

    /// Sets the number of matches that a worker has delivered late. The store counts them for all processes.
    pub fn repaired(&self, worker: &'static str, so_far: u64) {
        // The total kept in the store, not an increment.
        self.repaired.get_or_create(&WorkerLabel { worker }).inner().store(so_far, Ordering::Relaxed);
    }

    /// Sets the share of the stored listings that are indexed as this version reads them.
    pub fn reindexed(&self, ratio: f64) {
        self.reindexed_ratio.set(ratio);
    }

    /// Records pruned events.
    pub fn pruned(&self, events: u64) {
        self.pruned_events.inc_by(events);
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    // A clock that was set back must not produce a negative duration.
    to.duration_since(from).as_secs_f64().max(0.0)
}
