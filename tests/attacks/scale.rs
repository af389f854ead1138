//! How large the attacks are, and what bounds the server is held to.

use std::time::Duration;

use crate::support::Options;

/// What an attack may cost the server and its other users.
#[derive(Clone, Copy)]
pub struct Bounds {
    /// The 99th percentile of each kind of the witness's waits.
    pub p99: Duration,
    /// From before the attack to its peak.
    pub memory_rise_mb: u64,
}

/// Whether the attacks have their full size and bounds; for a release build on a machine with nothing else to do.
pub fn is_full() -> bool {
    std::env::var("ATTACKS").is_ok_and(|size| size == "full")
}

/// One of two sizes or bounds.
pub fn sized<T>(quick: T, full: T) -> T {
    if is_full() { full } else { quick }
}

/// For a server with a limit of its process, as `prlimit` takes it.
pub fn under_limit(limit: &str) -> Options {
    let mut options = Options::default();
    options.wrapper = ["prlimit", limit].map(str::to_owned).into();
    options
}

/// The bounds that hold for most attacks.
pub fn usual() -> Bounds {
    sized(
        Bounds { p99: Duration::from_secs(3), memory_rise_mb: 150 },
        Bounds { p99: Duration::from_millis(250), memory_rise_mb: 60 },
    )
}
