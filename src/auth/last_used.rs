//! Notes which credentials are in use.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use superbot_domain::{SessionId, TokenId};
use tokio::time::sleep;

use super::Principal;
use crate::lifecycle::Lifecycle;
use crate::records::HubStore;

/// All of so long are noted together: in a storm that is thousands.
const TOGETHER: Duration = Duration::from_millis(500);

/// What is still to be noted; clones share it.
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

    /// Notes soon that a credential is in use.
    pub fn add(&self, principal: &Principal) {
        let mut waiting = self.waiting.lock();
        let is_first = waiting.sessions.is_empty() && waiting.tokens.is_empty();
        match principal {
            Principal::Session { id, .. } => waiting.sessions.push(*id),
            Principal::Token { id, .. } => waiting.tokens.push(*id),
        }
        if is_first {
            self.lifecycle.run(self.clone().write());
        }
    }

    async fn write(self) {
        tokio::select! {
            () = sleep(TOGETHER) => {}
            () = self.lifecycle.stopping().cancelled() => {}
        }
        let InUse { sessions, tokens } = std::mem::take(&mut *self.waiting.lock());
        if let Err(error) = self.records.touch(&sessions, &tokens).await {
            tracing::warn!(%error, "the use of credentials could not be noted");
        }
    }
}
