//! How much a session's handlers still have before them.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::atomic::Ordering::Acquire;

use super::session::Session;

/// Work handed to handlers and not finished.
#[derive(Debug, Default)]
pub(crate) struct Inbound {
    count: AtomicUsize,
    bytes: AtomicUsize,
}

impl Session {
    /// Whether reading is to pause. One more message may already be on its way in.
    pub(crate) fn is_behind(&self) -> bool {
        let (count, bytes) = self.inbound_limits();
        self.inbound.count.load(Acquire) >= count || self.inbound.bytes.load(Acquire) > bytes
    }

    /// A handler was given something of that size; [`Self::finish_work`] takes it back.
    pub fn begin_work(&self, bytes: usize) {
        self.inbound.count.fetch_add(1, AcqRel);
        self.inbound.bytes.fetch_add(bytes, AcqRel);
    }

    /// The handler is done with it; reading resumes when it had paused.
    pub fn finish_work(&self, bytes: usize) {
        let (most, most_bytes) = self.inbound_limits();
        // Whoever takes either number across its limit wakes the reader, so that no wake is lost
        // between a look at the numbers and a change of them.
        let count = self.inbound.count.fetch_sub(1, AcqRel);
        let held = self.inbound.bytes.fetch_sub(bytes, AcqRel);
        let crossed = held > most_bytes && held - bytes <= most_bytes;
        if count == most || crossed {
            self.lock().wake_all();
            self.changed.notify_waiters();
        }
    }

    /// Waits until handlers can be given more, or the session has ended.
    pub(crate) async fn room(&self) {
        self.until(|session| !session.is_behind() || !session.is_open()).await;
    }

    /// Waits for a condition that changes along with the session's queues.
    pub async fn until(&self, condition: impl Fn(&Session) -> bool) {
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
