//! Throttles repeated log messages: a log on a full disk must not help to fill it.

use std::time::Duration;

use tokio::time::Instant;

/// Minimum interval between two messages about the same failure.
const SILENCE: Duration = Duration::from_secs(10);

/// Throttle for the log messages of one recurring failure.
#[derive(Default)]
pub struct FaultLog {
    logged_at: Option<Instant>,
    suppressed: u64,
}

impl FaultLog {
    /// Returns `Some(n)` if the failure should be logged now, where `n` is the number of failures suppressed since the
    /// last message.
    pub fn should_log(&mut self) -> Option<u64> {
        if self.logged_at.is_some_and(|logged_at| logged_at.elapsed() < SILENCE) {
            // Counted, so that the next message can say how many were dropped.
            self.suppressed += 1;
            return None;
        }
        self.logged_at = Some(Instant::now());
        Some(std::mem::take(&mut self.suppressed))
    }
}
