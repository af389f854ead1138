//! Notices a proxy that sends the requests of one long-polling session to different processes.

use std::time::Duration;

use superbot_socketio::SocketIo;
use tokio_util::sync::CancellationToken;

/// Its name, in logs.
pub const TASK: &str = "the watch for stray sessions";

/// A client that comes back to a process that was restarted, or wakes after its session ended, asks for an unknown session
/// once. One whose requests are spread over processes does with every second request or so, for as long as it tries.
const TOO_MANY: u64 = 5;

/// Within so many looks, one every [`LOOK_EVERY`].
const LOOKS: u32 = 6;
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// Once said, it is not said again for so long.
const QUIET_FOR: Duration = Duration::from_mins(10);

/// Looks at the server's counters now and then, and warns of what a proxy's settings would mend.
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
                "requests name Socket.IO sessions that are not of this process: if no server was restarted just now, a proxy \
                 before several lacks sticky sessions for long-polling (docs/DEPLOY.md)"
            );
            pause = QUIET_FOR;
        }
        if strays >= TOO_MANY || looks == LOOKS {
            (before, looks) = (so_far, 0);
        }
    }
}
