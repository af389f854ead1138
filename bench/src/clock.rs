//! The monotonic clock, which all processes of a machine share.

use rustix::time::{ClockId, clock_gettime};

/// Returns nanoseconds of the monotonic clock.
pub fn now_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(now.tv_sec);
    let nanoseconds = u64::try_from(now.tv_nsec);
    seconds.unwrap_or(0) * 1_000_000_000 + nanoseconds.unwrap_or(0)
}
