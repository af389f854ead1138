//! What goes on failing is said once in a while, not each time: a log on a full disk is the last thing to fill it further.

use std::time::Duration;

use tokio::time::Instant;

/// How long nothing more is said.
const SILENCE: Duration = Duration::from_secs(10);

/// When a failure was last said.
#[derive(Default)]
pub struct FaultLog {
    logged_at: Option<Instant>,
    suppressed: u64,
}

impl FaultLog {
    /// Whether this failure is to be said; if so, how many there were since the last one that was.
    pub fn should_log(&mut self) -> Option<u64> {
        if self.logged_at.is_some_and(|logged_at| logged_at.elapsed() < SILENCE) {
            self.suppressed += 1;
            return None;
        }
        self.logged_at = Some(Instant::now());
        Some(std::mem::take(&mut self.suppressed))
    }
}
