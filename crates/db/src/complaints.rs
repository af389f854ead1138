//! Throttles repeated log messages: a log on a full disk must not help to fill it.

use std::time::Duration;

use tokio::time::Instant;

/// Minimum interval between two messages about the same failure.
const SILENCE: Duration = Duration::from_secs(10);

/// Throttle for the log messages of one recurring failure.
#[derive(Default)]
pub struct Complaints {
    said: Option<Instant>,
    unsaid: u64,
}

impl Complaints {
    /// Returns `Some(n)` if the failure should be logged now, where `n` is the number of failures suppressed since the
    /// last message.
    pub fn may_say(&mut self) -> Option<u64> {
        if self.said.is_some_and(|said| said.elapsed() < SILENCE) {
            // Counted, so that the next message can say how many were dropped.
            self.unsaid += 1;
            return None;
        }
        self.said = Some(Instant::now());
        Some(std::mem::take(&mut self.unsaid))
    }
}
