//! What one connection receives about itself.

use serde::Serialize;

use crate::scalar::Rfc3339;

/// The first event on a new connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionStatus<'a> {
    /// Whether a valid credential came with the connection.
    pub authenticated: bool,
    /// Identifies the log; a store restored from a backup has another one.
    pub epoch: &'a str,
    /// Whether every event missed since the client's cursor follows.
    pub recovered: bool,
    /// The number of events that are replayed.
    pub replayed: u64,
    /// The place in the log after which events are live.
    pub seq: u64,
    /// What happened.
    pub status: ConnectionState,
    /// The server's time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Rfc3339,
    /// The name of the signed-in user; `null` for anonymous connections and for tokens that belong to no user.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub username: Option<&'a str>,
}

/// What happened to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ConnectionState {
    /// The server accepted it.
    Connected,
}

/// The answer to `ping`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PongReply {
    /// The server's time. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Rfc3339,
}

/// The server is about to stop; clients come back by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoingAway {
    /// How long this client should wait before it connects again, in milliseconds.
    pub retry_after_ms: u64,
}

/// A subscription began or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelSubscription {
    /// What was subscribed to: `scraper_status`.
    pub channel: &'static str,
}

/// A client's event was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SocketError {
    /// A stable word for programs: `rate_limited`, `bad_request`, `forbidden`, `unknown_event` or `unavailable`.
    pub code: &'static str,
    /// What is wrong, in words.
    pub message: String,
    /// With `rate_limited`, when to try again, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub retry_after_ms: Option<u64>,
}
