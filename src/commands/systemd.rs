//! What systemd is told of a process that it started.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

use crate::health::TaskHealth;

/// Tells systemd, where it started us, that we are ready, alive, and stopping.
pub fn notify(health: TaskHealth, stop: CancellationToken) {
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    let watchdog = sd_notify::watchdog_enabled().map(|interval| interval / 2);
    tokio::spawn(async move {
        let every = watchdog.unwrap_or(Duration::MAX / 2);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(every) => {}
            }
            // A process whose store is away waits for it, and keeps its clients; being restarted would lose them.
            let hanging = health.hanging();
            if hanging.is_empty() {
                let _ = sd_notify::notify(&[NotifyState::Watchdog]);
            } else {
                tracing::error!(?hanging, "systemd will restart what does nothing any more");
            }
        }
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
    });
}
