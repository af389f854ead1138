//! Reading from a client pauses while its handlers are behind.

use super::session::EngineSession;

impl EngineSession {
    /// Whether reading is to pause. One more message may already be on its way in.
    pub(crate) fn is_behind(&self) -> bool {
        self.inbound.is_full(self.inbound_limits())
    }

    /// A handler was given something of that size; [`Self::finish_work`] takes it back.
    pub fn begin_work(&self, bytes: usize) {
        self.inbound.add(bytes);
    }

    /// The handler is done with it; reading resumes when it had paused.
    pub fn finish_work(&self, bytes: usize) {
        // Whoever takes either number across its limit wakes the reader, so that no wake is lost
        // between a look at the numbers and a change of them.
        if self.inbound.remove(bytes, self.inbound_limits()) {
            self.lock().wake_all();
            self.changed.notify_waiters();
        }
    }

    /// Waits until handlers can be given more, or the session has ended.
    pub(crate) async fn room(&self) {
        self.until(|session| !session.is_behind() || !session.is_open()).await;
    }

    /// Waits for a condition that changes along with the session's queues.
    pub async fn until(&self, condition: impl Fn(&EngineSession) -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if condition(self) {
                return;
            }
            changed.await;
        }
    }
}
