//! Settings of the real-time side.

use super::user_connections::UserLimits;

/// Settings of the real-time side.
#[derive(Debug, Clone)]
pub struct RealtimeSettings {
    /// Whether clients without a credential may connect.
    pub allow_anonymous: bool,
    /// Whether pages of any origin may connect; cookies of other origins are ignored then.
    pub any_origin: bool,
    /// Maximum events replayed to a client; with more it has to reload.
    pub replay_limit: u64,
    /// Maximum events per second that a socket may send; 0 disables the limit.
    pub socket_events_per_second: u32,
    /// Maximum live connections per user.
    pub user_limits: UserLimits,
    /// Batch sizes and bounds of the ring.
    pub portions: BatchLimits,
}

/// Batch sizes for reading and sending, and bounds of the ring.
#[derive(Debug, Clone, Copy)]
pub struct BatchLimits {
    /// Maximum events per read of the log.
    pub batch: u32,
    /// Maximum events per write to a socket.
    pub piece: usize,
    /// Maximum events in the ring.
    pub ring_events: usize,
    /// Maximum bytes of payloads in the ring.
    pub ring_bytes: usize,
}

impl Default for BatchLimits {
    fn default() -> Self {
        Self { batch: 256, piece: 64, ring_events: 4096, ring_bytes: 4 << 20 }
    }
}
