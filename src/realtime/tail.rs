//! Follows the log, and passes every event to the hub.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::hub::{CursorError, EventHub};
use crate::health::TaskHealth;

/// Interval of polling, because a wake-up may be lost.
const AT_LEAST_EVERY: Duration = Duration::from_secs(1);

/// Name of the task in logs and in `/readyz`.
pub const TASK: &str = "the log's tail";
/// Expected interval of heartbeats; much longer than usual, because a large batch takes time.
pub const BEATS_WITHIN: Duration = Duration::from_secs(5);

/// Reads the log from the hub's position until the program stops.
///
/// If the store cannot be read, it retries: clients stay connected, and nothing is skipped. If events were pruned before they
/// could be read, the process stops, and its clients learn about the gap when they reconnect.
pub async fn follow(hub: Arc<EventHub>, health: TaskHealth, stop: CancellationToken) -> anyhow::Result<()> {
    let batch = hub.portions.batch;
    let mut changes = hub.records.log_changes();
    let mut pause = AT_LEAST_EVERY;
    while !stop.is_cancelled() {
        // Before reading, so that a change during the read causes another one.
        changes.mark_unchanged();
        let found = match hub.next_events().await {
            Ok(events) => {
                health.beat(TASK);
                pause = AT_LEAST_EVERY;
                let found = events.len();
                hub.deliver(&events).await;
                found
            }
            Err(CursorError::Pruned) => {
                anyhow::bail!("the log was pruned past {}, up to which it was read", hub.delivered())
            }
            Err(CursorError::Store(error)) => {
                health.record_failure(TASK);
                tracing::error!(%error, "the log cannot be read; retrying");
                pause = (pause * 2).min(Duration::from_secs(10));
                0
            }
        };
        // After a full batch there may be more, which is read without waiting.
        if found < batch as usize {
            if hub.records.is_closed() {
                anyhow::bail!("the store takes no more writes");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                _ = changes.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
    Ok(())
}
