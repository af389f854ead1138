//! `[limits]`: limits of rates, sizes and numbers.

use super::problem::ConfigProblem;
use super::section::ConfigSection;

/// Limits per client or user; for rates and counts 0 means unlimited.
#[derive(Debug, Clone)]
pub struct LimitsConfig {
    /// Failed sign-ins per minute, for one address and for one name.
    pub login_attempts_per_minute: u32,
    /// Requests per second of one user, across all credentials.
    pub user_requests_per_second: u32,
    /// Requests per second of one `publish` token.
    pub publish_requests_per_second: u32,
    /// Events per second that one socket may send.
    pub socket_events_per_second: u32,
    /// Maximum size of a request's body, in bytes, except of listings.
    pub body_bytes: usize,
    /// Maximum size of a JSON body of listings, in bytes; NDJSON bodies are unlimited.
    pub listing_body_bytes: usize,
    /// Maximum length of a line of NDJSON, in bytes.
    pub listing_line_bytes: usize,
    /// Maximum listings in one array.
    pub array_items: usize,
    /// Concurrent live connections of one user: sockets and event streams together.
    pub user_connections: usize,
    /// Concurrent event streams of one user.
    pub user_event_streams: usize,
    /// Concurrent unauthenticated connections of one address; IPv6 addresses are counted by their /64.
    pub address_connections: usize,
    /// Concurrent searches of one user.
    pub user_concurrent_queries: usize,
}

impl LimitsConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        let rate = |key| section.integer(key, &(0..=1_000_000));
        let bytes = |key| section.integer(key, &(1_024..=1_073_741_824));
        let count = |key| section.integer(key, &(0..=1_000_000));
        Ok(Self {
            login_attempts_per_minute: rate("login_attempts_per_minute")?,
            user_requests_per_second: rate("user_requests_per_second")?,
            publish_requests_per_second: rate("publish_requests_per_second")?,
            socket_events_per_second: rate("socket_events_per_second")?,
            body_bytes: bytes("body_bytes")?,
            listing_body_bytes: bytes("listing_body_bytes")?,
            listing_line_bytes: bytes("listing_line_bytes")?,
            array_items: count("array_items")?,
            user_connections: count("user_connections")?,
            user_event_streams: count("user_event_streams")?,
            address_connections: count("address_connections")?,
            user_concurrent_queries: count("user_concurrent_queries")?,
        })
    }

    /// Returns the names of settings whose limit is disabled.
    pub fn switched_off(&self) -> impl Iterator<Item = &'static str> {
        let protections = [
            ("login_attempts_per_minute", self.login_attempts_per_minute == 0),
            ("user_requests_per_second", self.user_requests_per_second == 0),
            ("publish_requests_per_second", self.publish_requests_per_second == 0),
            ("socket_events_per_second", self.socket_events_per_second == 0),
            ("array_items", self.array_items == 0),
            ("user_connections", self.user_connections == 0),
            ("user_event_streams", self.user_event_streams == 0),
            ("address_connections", self.address_connections == 0),
            ("user_concurrent_queries", self.user_concurrent_queries == 0),
        ];
        protections.into_iter().filter(|(_, is_off)| *is_off).map(|(name, _)| name)
    }
}
