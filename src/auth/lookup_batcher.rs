//! Batches lookups of credentials in the store.
//!
//! A query costs far more than one more hash in it. A single lookup runs at once; concurrent ones wait a few milliseconds and
//! are combined into one query.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use superbot_store::{DbError, StoreError};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};

use super::credential_cache::CredentialRecord;
use super::secret::SecretKind;
use crate::lifecycle::Lifecycle;
use crate::records::HubStore;

/// Minimum time between two batches.
const GATHER: Duration = Duration::from_millis(5);

/// Queue of pending lookups; clones share it.
#[derive(Clone)]
pub struct LookupBatcher {
    records: HubStore,
    lifecycle: Lifecycle,
    waiting: Arc<Mutex<LookupQueue>>,
}

#[derive(Default)]
struct LookupQueue {
    questions: Vec<LookupRequest>,
    /// Whether a lookup or a batching task is running, which will take care of the queue.
    attended: bool,
}

struct LookupRequest {
    kind: SecretKind,
    hash: [u8; 32],
    answer: oneshot::Sender<Result<Option<CredentialRecord>, StoreError>>,
}

/// Held by a lookup that runs by itself; on drop it starts the batching task if others have been queued.
struct BatchRunner<'l>(&'l LookupBatcher);

impl Drop for BatchRunner<'_> {
    fn drop(&mut self) {
        let Self(lookups) = self;
        let mut waiting = lookups.waiting.lock();
        // Under the lock, so that no lookup is queued between the check and the change of `attended`.
        waiting.attended = !waiting.questions.is_empty();
        if waiting.attended {
            lookups.lifecycle.run(LookupBatcher::clone(lookups).attend());
        }
    }
}

impl LookupBatcher {
    pub fn new(records: HubStore, lifecycle: Lifecycle) -> Self {
        Self { records, lifecycle, waiting: Arc::default() }
    }

    /// Looks up the credential with this hash of its secret.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find(&self, kind: SecretKind, hash: [u8; 32]) -> Result<Option<CredentialRecord>, StoreError> {
        let Some(answered) = self.queue(kind, hash) else { return self.find_alone(kind, hash).await };
        answered.await.unwrap_or(Err(StoreError::Db(DbError::Closed)))
    }

    /// Queues a lookup if another one is running; otherwise returns `None`, and the caller has to run its own.
    fn queue(
        &self,
        kind: SecretKind,
        hash: [u8; 32],
    ) -> Option<oneshot::Receiver<Result<Option<CredentialRecord>, StoreError>>> {
        let mut waiting = self.waiting.lock();
        if !std::mem::replace(&mut waiting.attended, true) {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        waiting.questions.push(LookupRequest { kind, hash, answer });
        Some(answered)
    }

    /// Looks up one credential. Those queued in the meantime are handled on drop, even if this future is cancelled.
    async fn find_alone(&self, kind: SecretKind, hash: [u8; 32]) -> Result<Option<CredentialRecord>, StoreError> {
        let _attending = BatchRunner(self);
        let (sessions, tokens) = if kind == SecretKind::Session { (vec![hash], vec![]) } else { (vec![], vec![hash]) };
        Ok(self.ask(sessions, tokens).await?.remove(&(kind, hash)))
    }

    /// Takes the queued lookups; if there are none, the batching task is marked as ended.
    fn take(&self) -> Vec<LookupRequest> {
        let mut waiting = self.waiting.lock();
        waiting.attended = !waiting.questions.is_empty();
        std::mem::take(&mut waiting.questions)
    }

    /// Runs batches until the queue is empty.
    async fn attend(self) {
        loop {
            let next = Instant::now() + GATHER;
            let questions = self.take();
            if questions.is_empty() {
                break;
            }
            self.answer(questions).await;
            // Lookups that arrive in the meantime form the next batch.
            sleep_until(next).await;
        }
    }

    async fn answer(&self, questions: Vec<LookupRequest>) {
        let hashes = |kind| questions.iter().filter(|asked| asked.kind == kind).map(|asked| asked.hash).collect();
        match self.ask(hashes(SecretKind::Session), hashes(SecretKind::ApiToken)).await {
            Ok(found) => {
                for LookupRequest { kind, hash, answer } in questions {
                    let _ = answer.send(Ok(found.get(&(kind, hash)).cloned()));
                }
            }
            Err(error) => questions.into_iter().for_each(|asked| drop(asked.answer.send(Err(error.clone())))),
        }
    }

    async fn ask(
        &self,
        sessions: Vec<[u8; 32]>,
        tokens: Vec<[u8; 32]>,
    ) -> Result<HashMap<(SecretKind, [u8; 32]), CredentialRecord>, StoreError> {
        let mut found = HashMap::with_capacity(sessions.len() + tokens.len());
        if !sessions.is_empty() {
            let sessions = self.records.sessions_by_hash(&sessions).await?;
            found.extend(sessions.into_iter().map(|(hash, one)| ((SecretKind::Session, hash), one.into())));
        }
        if !tokens.is_empty() {
            let tokens = self.records.tokens_by_hash(&tokens).await?;
            found.extend(tokens.into_iter().map(|(hash, one)| ((SecretKind::ApiToken, hash), one.into())));
        }
        Ok(found)
    }
}
