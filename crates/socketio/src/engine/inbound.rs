//! How much a session's handlers still have before them.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::atomic::Ordering::Acquire;

use super::session::Session;
use crate::config::Config;

/// Work handed to handlers and not finished.
#[derive(Debug, Default)]
pub(crate) struct Inbound {
    count: AtomicUsize,
    bytes: AtomicUsize,
}

impl Inbound {
    /// Whether reading is to pause. One more message may already be on its way in.
    pub(crate) fn is_full(&self, config: &Config) -> bool {
        self.count.load(Acquire) >= config.max_inbound.max(1) || self.bytes.load(Acquire) > config.max_inbound_bytes
    }
}

impl Session {
    /// A handler was given something of that size; [`Self::finish_work`] takes it back.
    pub fn begin_work(&self, bytes: usize) {
        self.inbound.count.fetch_add(1, AcqRel);
        self.inbound.bytes.fetch_add(bytes, AcqRel);
    }

    /// The handler is done with it; reading resumes when it had paused.
    pub fn finish_work(&self, bytes: usize) {
        let config = &self.core.config;
        // Whoever takes either number across its limit wakes the reader, so that no wake is lost
        // between a look at the numbers and a change of them.
        let count = self.inbound.count.fetch_sub(1, AcqRel);
        let held = self.inbound.bytes.fetch_sub(bytes, AcqRel);
        let crossed = held > config.max_inbound_bytes && held - bytes <= config.max_inbound_bytes;
        if count == config.max_inbound.max(1) || crossed {
            self.lock().wake_all();
            self.changed.notify_waiters();
        }
    }

    /// Waits until handlers can be given more, or the session has ended.
    pub(crate) async fn room(&self) {
        self.until(|session| !session.inbound.is_full(&session.core.config) || !session.is_open()).await;
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
