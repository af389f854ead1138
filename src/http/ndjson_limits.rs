//! Limits of concurrent NDJSON bodies and of their buffered results.

use super::spool::SpoolRoom;

/// Maximum bytes of buffered results per client.
pub const UNREAD_BYTES: u64 = 64 << 20;
/// Maximum number of NDJSON bodies read concurrently; each needs a file descriptor.
pub const MAX_STREAMS: usize = 64;
/// Maximum number of them per account.
pub const MAX_ACCOUNT_STREAMS: usize = 4;
/// Maximum bytes of buffered results of all clients.
const ALL_UNREAD_BYTES: u64 = 256 << 20;
/// Part of `ALL_UNREAD_BYTES` that is reserved for each client, in bytes.
const OWN_UNREAD_BYTES: u64 = 1 << 20;

/// Creates the shared budget of all buffered results.
pub fn spool_room() -> SpoolRoom {
    SpoolRoom::new(ALL_UNREAD_BYTES, MAX_STREAMS, OWN_UNREAD_BYTES)
}
