//! Pending acknowledgements.

use std::collections::HashMap;

use tokio::sync::oneshot;

use super::packet::EventArgs;

/// Acknowledgements that one socket's callers wait for.
#[derive(Debug, Default)]
pub(crate) struct PendingAcks {
    next: u64,
    waiting: HashMap<u64, oneshot::Sender<EventArgs>>,
}

impl PendingAcks {
    /// Registers a caller and returns the acknowledgement id; `None` if `most` are pending already.
    pub(super) fn begin(&mut self, sender: oneshot::Sender<EventArgs>, most: usize) -> Option<u64> {
        if self.waiting.len() >= most {
            return None;
        }
        let id = self.next;
        self.next += 1;
        self.waiting.insert(id, sender);
        Some(id)
    }

    /// Removes a pending acknowledgement and returns its caller.
    pub(super) fn end(&mut self, id: u64) -> Option<oneshot::Sender<EventArgs>> {
        self.waiting.remove(&id)
    }
}
