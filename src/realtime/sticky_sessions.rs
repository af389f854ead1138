//! Detects proxies without sticky sessions, which spread the requests of a long-polling session over several processes.

use std::time::Duration;

use superbot_socketio::SocketIo;
use tokio_util::sync::CancellationToken;

/// Name of the task in logs.
pub const TASK: &str = "the watch for stray sessions";

/// Threshold for a warning. A client that returns after a restart, or wakes after its session has ended, requests an unknown
/// session once; one whose requests are spread does so with about every second request.
const TOO_MANY: u64 = 5;

/// Number of checks, one every [`LOOK_EVERY`], over which requests are summed.
const LOOKS: u32 = 6;
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Minimum time between two warnings.
const QUIET_FOR: Duration = Duration::from_mins(10);

/// Checks the server's counters periodically, and warns about a missing setting of a proxy.
pub async fn watch(io: SocketIo, stop: CancellationToken) -> anyhow::Result<()> {
    let mut before = 0;
    let mut looks = 0;
    let mut pause = LOOK_EVERY;
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
        let so_far = io.stats().unknown_sessions;
        looks += 1;
        pause = LOOK_EVERY;
        let strays = so_far - before;
        if strays >= TOO_MANY {
            tracing::warn!(
                requests = strays,
                "requests for Socket.IO sessions unknown to this process: unless a server was just restarted, a proxy \
                 before several lacks sticky sessions for long-polling (docs/DEPLOY.md)"
            );
            pause = QUIET_FOR;
        }
        if strays >= TOO_MANY || looks == LOOKS {
            (before, looks) = (so_far, 0);
        }
    }
}
