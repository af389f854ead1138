//! How many bodies of lines are read at the same time, and how many bytes of their results may wait.

use super::spool::SpoolRoom;

/// The most bytes of results that wait for one client.
pub const UNREAD_BYTES: u64 = 64 << 20;
/// The most bodies of lines that are read at the same time; each has a file.
pub const MAX_STREAMS: usize = 64;
/// The most of them of one account.
pub const MAX_ACCOUNT_STREAMS: usize = 4;
/// The most bytes of results that wait for all clients, ...
const ALL_UNREAD_BYTES: u64 = 256 << 20;
/// ... of which these are for each client, whatever the others do.
const OWN_UNREAD_BYTES: u64 = 1 << 20;

/// The room for all results that wait.
pub fn spool_room() -> SpoolRoom {
    SpoolRoom::new(ALL_UNREAD_BYTES, MAX_STREAMS, OWN_UNREAD_BYTES)
}
