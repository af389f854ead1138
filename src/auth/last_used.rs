//! Records when credentials were last used.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use superbot_domain::{SessionId, TokenId};
use tokio::time::sleep;

use super::Principal;
use crate::lifecycle::Lifecycle;
use crate::records::HubStore;

/// Delay after the first use, so that all uses within it are written in one transaction; in a reconnect storm these are
/// thousands.
const TOGETHER: Duration = Duration::from_millis(500);

/// Uses that have not been written yet; clones share them.
#[derive(Clone)]
pub struct LastUsedBuffer {
    records: HubStore,
    lifecycle: Lifecycle,
    waiting: Arc<Mutex<InUse>>,
}

#[derive(Default)]
struct InUse {
    sessions: Vec<SessionId>,
    tokens: Vec<TokenId>,
}

impl LastUsedBuffer {
    pub fn new(records: HubStore, lifecycle: Lifecycle) -> Self {
        Self { records, lifecycle, waiting: Arc::default() }
    }

    /// Schedules a use for writing.
    pub fn add(&self, principal: &Principal) {
        let mut waiting = self.waiting.lock();
        let is_first = waiting.sessions.is_empty() && waiting.tokens.is_empty();
        match principal {
            Principal::Session { id, .. } => waiting.sessions.push(*id),
            Principal::Token { id, .. } => waiting.tokens.push(*id),
        }
        // Only the first of a batch starts a task; later ones join it.
        if is_first {
            self.lifecycle.run(self.clone().write());
        }
    }

    // At shutdown the delay is cut short rather than the use lost.
    async fn write(self) {
        tokio::select! {
            () = sleep(TOGETHER) => {}
            () = self.lifecycle.stopping().cancelled() => {}
        }
        let InUse { sessions, tokens } = std::mem::take(&mut *self.waiting.lock());
        if let Err(error) = self.records.touch(&sessions, &tokens).await {
            tracing::warn!(%error, "recording the use of credentials failed");
        }
    }
}
