//! Readiness and watchdog notifications to systemd (`sd_notify(3)`).

use std::time::Duration;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;

use crate::health::TaskHealth;

/// Notifies systemd, if it started this process, of readiness, liveness, and shutdown.
pub fn notify(health: TaskHealth, stop: CancellationToken) {
    let _ = sd_notify::notify(&[NotifyState::Ready]);
    // systemd recommends to notify at half of the interval (sd_watchdog_enabled(3)).
    let watchdog = sd_notify::watchdog_enabled().map(|interval| interval / 2);
    tokio::spawn(async move {
        let every = watchdog.unwrap_or(Duration::MAX / 2);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(every) => {}
            }
            // An unavailable store is no reason for a restart: the process waits for it and keeps its clients.
            let hanging = health.hanging();
            if hanging.is_empty() {
                let _ = sd_notify::notify(&[NotifyState::Watchdog]);
            } else {
                tracing::error!(?hanging, "tasks hang; systemd will restart the process");
            }
        }
        let _ = sd_notify::notify(&[NotifyState::Stopping]);
    });
}
