//! Backpressure: reading from a client pauses while its handlers are behind.

use super::session::EngineSession;

impl EngineSession {
    /// Returns whether reading should pause. One more message may already have been read.
    pub(crate) fn is_behind(&self) -> bool {
        self.inbound.is_full(self.inbound_limits())
    }

    /// Counts work of this size as queued for a handler; each call must be matched by [`Self::finish_work`].
    pub fn begin_work(&self, bytes: usize) {
        self.inbound.add(bytes);
    }

    /// Counts work as finished, and resumes reading if it had paused.
    pub fn finish_work(&self, bytes: usize) {
        // The call that takes a number below its limit wakes the reader, so no wake-up is lost between a check and a
        // change.
        if self.inbound.remove(bytes, self.inbound_limits()) {
            self.lock().wake_all();
            self.changed.notify_waiters();
        }
    }

    /// Waits until handlers accept more work or the session has ended.
    pub(crate) async fn room(&self) {
        self.until(|session| !session.is_behind() || !session.is_open()).await;
    }

    /// Waits for a condition; it is checked again whenever the session's queues change.
    pub async fn until(&self, condition: impl Fn(&EngineSession) -> bool) {
        loop {
            let changed = self.changed.notified();
            // Registered before the check: a notification between the check and the await must not be lost.
            tokio::pin!(changed);
            changed.as_mut().enable();
            if condition(self) {
                return;
            }
            changed.await;
        }
    }
}
