//! Acknowledgements that callers wait for.

use std::collections::HashMap;

use tokio::sync::oneshot;

use super::packet::EventArgs;

/// The acknowledgements a socket is waited on for.
#[derive(Debug, Default)]
pub(crate) struct PendingAcks {
    next: u64,
    waiting: HashMap<u64, oneshot::Sender<EventArgs>>,
}

impl PendingAcks {
    /// Registers a caller and returns the number to wait for, unless `most` wait already.
    pub(super) fn begin(&mut self, sender: oneshot::Sender<EventArgs>, most: usize) -> Option<u64> {
        if self.waiting.len() >= most {
            return None;
        }
        let id = self.next;
        self.next += 1;
        self.waiting.insert(id, sender);
        Some(id)
    }

    /// Forgets a number and returns the caller that waited for it.
    pub(super) fn end(&mut self, id: u64) -> Option<oneshot::Sender<EventArgs>> {
        self.waiting.remove(&id)
    }
}
