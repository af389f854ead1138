//! Sizes of the attacks, and the bounds that the server must keep.

use std::time::Duration;

use crate::support::Options;

/// Maximum impact of an attack on the server and its other users.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// p99 latency of each kind of the witness's probes.
    pub p99: Duration,
    /// Rise of memory from before the attack to its peak.
    pub memory_rise_mb: u64,
}

/// Returns whether the attacks run at full size and with full bounds; requires a release build and an idle machine.
pub fn is_full() -> bool {
    std::env::var("ATTACKS").is_ok_and(|size| size == "full")
}

/// Selects a size or bound by mode.
pub fn sized<T>(quick: T, full: T) -> T {
    if is_full() { full } else { quick }
}

/// Returns options for a server with a process limit, in the syntax of `prlimit`.
pub fn under_limit(limit: &str) -> Options {
    let mut options = Options::default();
    options.wrapper = ["prlimit", limit].map(str::to_owned).into();
    options
}

/// Returns the bounds for most attacks.
pub fn usual() -> Bounds {
    sized(
        Bounds { p99: Duration::from_secs(3), memory_rise_mb: 150 },
        Bounds { p99: Duration::from_millis(250), memory_rise_mb: 60 },
    )
}
