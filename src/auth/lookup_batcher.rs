//! Asks the store about credentials, and with one question about many where many come at once.
//!
//! A question costs far more than one more hash in it. Whoever comes alone is answered at once; in a crowd one waits a few
//! milliseconds for the others.

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

/// Between two questions there is at least this time.
const GATHER: Duration = Duration::from_millis(5);

/// The questions that wait, and whether somebody sees to them; clones share them.
#[derive(Clone)]
pub struct LookupBatcher {
    records: HubStore,
    lifecycle: Lifecycle,
    waiting: Arc<Mutex<LookupQueue>>,
}

#[derive(Default)]
struct LookupQueue {
    questions: Vec<LookupRequest>,
    /// A task sees to them.
    attended: bool,
}

struct LookupRequest {
    kind: SecretKind,
    hash: [u8; 32],
    answer: oneshot::Sender<Result<Option<CredentialRecord>, StoreError>>,
}

/// Whoever asks alone attends until dropped; then a task does, where questions wait.
struct BatchRunner<'l>(&'l LookupBatcher);

impl Drop for BatchRunner<'_> {
    fn drop(&mut self) {
        let Self(lookups) = self;
        let mut waiting = lookups.waiting.lock();
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

    /// Whom the store knows by the hash of a secret.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn find(&self, kind: SecretKind, hash: [u8; 32]) -> Result<Option<CredentialRecord>, StoreError> {
        let Some(answered) = self.queue(kind, hash) else { return self.find_alone(kind, hash).await };
        answered.await.unwrap_or(Err(StoreError::Db(DbError::Closed)))
    }

    /// Puts a question to those that wait, or gives nothing where none is under way: then the asker is the one to attend.
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

    /// Asks for one; whoever came meanwhile is attended to afterwards, also where the asker has gone away.
    async fn find_alone(&self, kind: SecretKind, hash: [u8; 32]) -> Result<Option<CredentialRecord>, StoreError> {
        let _attending = BatchRunner(self);
        let (sessions, tokens) = if kind == SecretKind::Session { (vec![hash], vec![]) } else { (vec![], vec![hash]) };
        Ok(self.ask(sessions, tokens).await?.remove(&(kind, hash)))
    }

    /// What is asked by now; nobody attends any more when that is nothing.
    fn take(&self) -> Vec<LookupRequest> {
        let mut waiting = self.waiting.lock();
        waiting.attended = !waiting.questions.is_empty();
        std::mem::take(&mut waiting.questions)
    }

    /// Answers until nothing is asked any more.
    async fn attend(self) {
        loop {
            let next = Instant::now() + GATHER;
            let questions = self.take();
            if questions.is_empty() {
                break;
            }
            self.answer(questions).await;
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
