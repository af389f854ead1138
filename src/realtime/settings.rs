//! What of the settings concerns live clients.

use super::user_connections::UserLimits;

/// What of the settings concerns live clients.
#[derive(Debug, Clone)]
pub struct RealtimeSettings {
    /// Whether clients without a credential may listen.
    pub allow_anonymous: bool,
    /// Whether pages of any origin may connect; their cookies are ignored then.
    pub any_origin: bool,
    /// More missed events than this are not replayed.
    pub replay_limit: u64,
    /// How many events a socket may send in a second; 0 means without limit.
    pub socket_events_per_second: u32,
    /// How many live connections a user may have.
    pub user_limits: UserLimits,
    /// How much is handled at a time.
    pub portions: BatchLimits,
}

/// How much of the log is handled at a time, and how much of it kept at hand.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// How many events are read from the log at a time.
    pub batch: u32,
    /// So many events are handed to the kernel at once.
    pub piece: usize,
    /// How many of the newest events are kept in memory, encoded.
    pub ring_events: usize,
    /// How many bytes of them.
    pub ring_bytes: usize,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self { batch: 256, piece: 64, ring_events: 4096, ring_bytes: 4 << 20 }
    }
}
