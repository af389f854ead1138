//! Answers for operators: how much is stored, what runs, and who is connected.

use serde::{Deserialize, Serialize};

use crate::scalar::Rfc3339;

/// How much is stored, and the state of this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StatsView {
    /// The number of users.
    pub users: i64,
    /// The number of listings.
    pub listings: i64,
    /// The number of notifications.
    pub notifications: i64,
    /// The number of events in the log.
    pub events: i64,
    /// The newest event's `seq`.
    pub seq: u64,
    /// The number of events that this process has still to deliver to its clients.
    pub log_lag: u64,
    /// The workers of this process, by name.
    pub workers: Vec<WorkerView>,
    /// The store's size on disk.
    pub store_bytes: i64,
    /// The number of connections to this process.
    pub connections: usize,
    /// The age of this process.
    pub uptime_seconds: u64,
    /// The version of the program.
    pub version: &'static str,
}

/// A worker of this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WorkerView {
    /// Its name.
    pub name: &'static str,
    /// Whether it has reported within the time that it should.
    pub ok: bool,
    /// When it last reported; null until then. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub last_seen_at: Option<Rfc3339>,
}

/// Who is connected, to this process and to the others on the same store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectedUsers {
    /// The number of users with at least one connection.
    pub count: usize,
    /// The number of connections, including anonymous ones.
    pub connections: usize,
    /// The users, by name.
    pub users: Vec<ConnectedUser>,
}

/// A user with at least one connection.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectedUser {
    /// The name that the user signs in with.
    pub username: String,
    /// The number of the user's connections.
    pub connections: usize,
    /// When the oldest of them was made. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub connected_at: Rfc3339,
}
