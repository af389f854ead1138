//! What goes on failing is said once in a while, not each time: a log on a full disk is the last thing to fill it further.

use std::time::Duration;

use tokio::time::Instant;

/// How long nothing more is said.
const SILENCE: Duration = Duration::from_secs(10);

/// When a failure was last said.
#[derive(Default)]
pub struct Complaints {
    said: Option<Instant>,
    unsaid: u64,
}

impl Complaints {
    /// Whether this failure is to be said; if so, how many there were since the last one that was.
    pub fn may_say(&mut self) -> Option<u64> {
        if self.said.is_some_and(|said| said.elapsed() < SILENCE) {
            self.unsaid += 1;
            return None;
        }
        self.said = Some(Instant::now());
        Some(std::mem::take(&mut self.unsaid))
    }
}
