//! Responses for operators: statistics, workers and connected users.

use serde::{Deserialize, Serialize};

use crate::scalar::Rfc3339;

/// Statistics of the store, and the state of this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatsView {
    /// Number of users.
    pub users: i64,
    /// Number of listings.
    pub listings: i64,
    /// Number of notifications.
    pub notifications: i64,
    /// Number of events in the log.
    pub events: i64,
    /// Sequence number of the newest event.
    pub seq: u64,
    /// Number of events that this process has not yet delivered to its clients.
    pub log_lag: u64,
    /// Workers of this process, ordered by name.
    pub workers: Vec<WorkerView>,
    /// Size of the store in bytes.
    pub store_bytes: i64,
    /// Number of connections to this process.
    pub connections: usize,
    /// Time since the start of this process, in seconds.
    pub uptime_seconds: u64,
    /// Version of the program.
    pub version: &'static str,
}

/// A worker of this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkerView {
    /// Name of the worker.
    pub name: &'static str,
    /// Whether its last heartbeat is recent.
    pub ok: bool,
    /// Time of its last heartbeat; null if there was none. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_seen_at: Option<Rfc3339>,
}

/// Users connected to any process on the same store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectedUsers {
    /// Number of users with at least one connection.
    pub count: usize,
    /// Number of connections, including anonymous ones.
    pub connections: usize,
    /// Connected users, ordered by name.
    pub users: Vec<ConnectedUser>,
}

/// A user with at least one connection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectedUser {
    /// Name with which the user signs in.
    pub username: String,
    /// Number of the user's connections.
    pub connections: usize,
    /// Start of the oldest connection. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub connected_at: Rfc3339,
}
