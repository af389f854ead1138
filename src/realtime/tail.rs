//! Follows the log and hands every event to the hub.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::hub::{CursorError, EventHub};
use crate::health::TaskHealth;

/// A wake-up may be lost; the log is looked at this often anyway.
const AT_LEAST_EVERY: Duration = Duration::from_secs(1);

/// Its name, in logs and `/readyz`.
pub const TASK: &str = "the log's tail";
/// A sign of life is expected this often: far more seldom than it is given, as a long batch takes its time.
pub const BEATS_WITHIN: Duration = Duration::from_secs(5);

/// Reads the log from the hub's place on, for as long as the program runs.
///
/// A store that cannot be read is waited for: clients stay connected, and nothing is skipped. What was pruned before it
/// could be read is not passed over either: the process stops, and its clients are told when they come back.
pub async fn follow(hub: Arc<EventHub>, health: TaskHealth, stop: CancellationToken) -> anyhow::Result<()> {
    let batch = hub.portions.batch;
    let mut changes = hub.records.log_changes();
    let mut pause = AT_LEAST_EVERY;
    while !stop.is_cancelled() {
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
                tracing::error!(%error, "the log cannot be read; trying again");
                pause = (pause * 2).min(Duration::from_secs(10));
                0
            }
        };
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
