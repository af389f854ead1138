//! How many connections there may be, and how much memory unauthenticated ones may occupy.

use crate::config;

/// Memory that an unauthenticated HTTP connection may occupy, in bytes: the head of a request and the start of its body.
pub(super) const GUEST_HTTP_BYTES: usize = 2 * GUEST_BODY_BYTES;
/// Maximum size, in bytes, of the body of a request that requires no credential.
pub const GUEST_BODY_BYTES: usize = 16 << 10;
/// Maximum size of a request's head, in bytes; the default of Node.js.
pub const HEAD_BYTES: usize = 16 << 10;
/// Memory budget of all unauthenticated connections, in bytes; larger if `capacity.guests` requires more.
pub(super) const GUEST_BYTES: usize = 32 << 20;

/// Maximum number of connections of each kind, derived from the limit of file descriptors.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionCapacity {
    /// Authenticated HTTP connections; trusted proxies may hold the same number in addition.
    pub http: usize,
    /// Socket.IO sessions.
    pub sockets: usize,
    /// Unauthenticated connections and Socket.IO sessions, counted together.
    pub guests: usize,
    /// Connections of all kinds, which is what the limit of file descriptors permits.
    pub descriptors: usize,
}

/// Maximum number of connections per client; 0 disables a limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientLimits {
    /// Unauthenticated connections per address (IPv6: per network, see [`ClientNetwork`](crate::edge::ClientNetwork)).
    pub address_connections: usize,
    /// Authenticated HTTP connections per account, and its concurrent requests through trusted proxies.
    pub user_connections: usize,
}

impl From<&config::LimitsConfig> for ClientLimits {
    fn from(limits: &config::LimitsConfig) -> Self {
        Self { address_connections: limits.address_connections, user_connections: limits.user_connections }
    }
}
