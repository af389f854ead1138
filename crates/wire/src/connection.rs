//! Events about the recipient's own connection.

use serde::Serialize;

use crate::scalar::Rfc3339;

/// First event on a new connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionStatus<'a> {
    /// Whether the connection has a valid credential.
    pub authenticated: bool,
    /// Identifier of the log; a store restored from a backup has another one.
    pub epoch: &'a str,
    /// Whether all events missed since the client's cursor follow.
    pub recovered: bool,
    /// Number of replayed events.
    pub replayed: u64,
    /// Sequence number after which events are live.
    pub seq: u64,
    /// State of the connection.
    pub status: ConnectionState,
    /// Time of the server. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Rfc3339,
    /// Name of the signed-in user; `null` for anonymous connections and for tokens that belong to no user.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub username: Option<&'a str>,
}

/// State of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum ConnectionState {
    /// The server has accepted the connection.
    Connected,
}

/// Response to `ping`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PongReply {
    /// Time of the server. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Rfc3339,
}

/// The server is about to stop; clients reconnect automatically.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GoingAway {
    /// Delay in milliseconds before this client should reconnect.
    pub retry_after_ms: u64,
}

/// A subscription was created or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelSubscription {
    /// The subscription: `scraper_status`.
    pub channel: &'static str,
}

/// A client's event was rejected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SocketError {
    /// Stable error code: `rate_limited`, `bad_request`, `forbidden`, `unknown_event` or `unavailable`.
    pub code: &'static str,
    /// Description of the error.
    pub message: String,
    /// With `rate_limited`, delay in milliseconds before a retry.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub retry_after_ms: Option<u64>,
}
