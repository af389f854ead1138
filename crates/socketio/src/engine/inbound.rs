//! How much a session's handlers still have before them.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::AcqRel;
use std::sync::atomic::Ordering::Acquire;

/// Work handed to handlers and not finished.
#[derive(Debug, Default)]
pub(crate) struct InboundWork {
    count: AtomicUsize,
    bytes: AtomicUsize,
}

impl InboundWork {
    /// Whether a limit is reached.
    pub(super) fn is_full(&self, (most, most_bytes): (usize, usize)) -> bool {
        self.count.load(Acquire) >= most || self.bytes.load(Acquire) > most_bytes
    }

    /// Counts an item of that size.
    pub(super) fn add(&self, bytes: usize) {
        self.count.fetch_add(1, AcqRel);
        self.bytes.fetch_add(bytes, AcqRel);
    }

    /// No longer counts an item of that size. Returns whether either number came down across its limit.
    pub(super) fn remove(&self, bytes: usize, (most, most_bytes): (usize, usize)) -> bool {
        let count = self.count.fetch_sub(1, AcqRel);
        let held = self.bytes.fetch_sub(bytes, AcqRel);
        count == most || (held > most_bytes && held - bytes <= most_bytes)
    }
}
