//! Work queued for a session's handlers.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::atomic::Ordering::Acquire;

/// Counts work that was passed to handlers and is not finished.
#[derive(Debug, Default)]
pub(crate) struct InboundWork {
    count: AtomicUsize,
    bytes: AtomicUsize,
}

impl InboundWork {
    /// Returns whether a limit is reached.
    pub(super) fn is_full(&self, (most, most_bytes): (usize, usize)) -> bool {
        self.count.load(Acquire) >= most || self.bytes.load(Acquire) > most_bytes
    }

    /// Adds an item of this size.
    pub(super) fn add(&self, bytes: usize) {
        self.count.fetch_add(1, AcqRel);
        self.bytes.fetch_add(bytes, AcqRel);
    }

    /// Removes an item of this size. Returns whether that took either number below its limit.
    pub(super) fn remove(&self, bytes: usize, (most, most_bytes): (usize, usize)) -> bool {
        let count = self.count.fetch_sub(1, AcqRel);
        let held = self.bytes.fetch_sub(bytes, AcqRel);
        count == most || (held > most_bytes && held - bytes <= most_bytes)
    }
}
