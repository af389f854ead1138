//! Limits the number of concurrent searches of one user.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use superbot_store::StoreError;
use tokio::sync::Semaphore;

use crate::auth::ChargedAccount;
use crate::problem::{Problem, Result};
use crate::refusal::{RefusalLog, RefusalReason};

/// Maximum number of searches of one user that wait for their turn.
const MAX_WAITING: usize = 16;
/// Maximum time that a search waits for its turn.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// Runs a few searches of each user concurrently and queues some more, so that one user's searches cannot occupy all
/// connections to the store.
pub struct QueryGate {
    /// Maximum number of concurrent searches of one user; 0 disables the limit.
    at_once: usize,
    refusals: RefusalLog,
    clients: Clients,
}

/// The semaphore of each client with searches; referenced by the map and by each [`SearchPermit`].
type Clients = Arc<Mutex<HashMap<ChargedAccount, Arc<Semaphore>>>>;

/// A running or queued search.
struct SearchPermit {
    clients: Clients,
    client: ChargedAccount,
    semaphore: Option<Arc<Semaphore>>,
    is_running: bool,
}

impl QueryGate {
    /// Creates a gate; `at_once` is `limits.user_concurrent_queries`.
    pub fn new(at_once: usize, refusals: RefusalLog) -> Self {
        Self { at_once, refusals, clients: Clients::default() }
    }

    /// Runs a search when it is its turn. It counts until it has ended, even if the client disconnects earlier, because the
    /// database continues to work on it.
    ///
    /// # Errors
    /// 429 if too many searches of this client are running or waiting; the search's own error otherwise.
    pub async fn run<T: Send + 'static>(
        &self,
        client: impl Into<ChargedAccount>,
        query: impl Future<Output = std::result::Result<T, StoreError>> + Send + 'static,
    ) -> Result<T> {
        if self.at_once == 0 {
            return Ok(query.await?);
        }
        let client = client.into();
        let Some(turn) = self.turn(client).await else {
            self.refusals.note(RefusalReason::Query, None, Some(&client.to_string()));
            let detail =
                format!("{} of your searches are running and others are queued; try again later", self.at_once);
            return Err(Problem::rate_limited(detail, MAX_WAIT));
        };
        // A task of its own, so that it is not cancelled when the client disconnects.
        let running = tokio::spawn(async move {
            let _turn = turn;
            query.await
        });
        Ok(running.await.map_err(|error| Problem::internal(&error))??)
    }

    /// Waits for a turn; `None` if too many are waiting, or after [`MAX_WAIT`].
    async fn turn(&self, client: ChargedAccount) -> Option<SearchPermit> {
        let mut turn = self.enter(client)?;
        let acquired = tokio::time::timeout(MAX_WAIT, turn.semaphore.as_ref()?.acquire()).await.ok()?.ok()?;
        // Released in `SearchPermit::drop`, because the permit borrows from the semaphore.
        acquired.forget();
        turn.is_running = true;
        Some(turn)
    }

    /// Queues a search; `None` if there are too many.
    fn enter(&self, client: ChargedAccount) -> Option<SearchPermit> {
        let mut clients = lock(&self.clients);
        let semaphore = clients.entry(client).or_insert_with(|| Arc::new(Semaphore::new(self.at_once)));
        // The number of references is that of searches plus 1 for the map.
        if Arc::strong_count(semaphore) > self.at_once + MAX_WAITING {
            return None;
        }
        let semaphore = Some(Arc::clone(semaphore));
        Some(SearchPermit { clients: Arc::clone(&self.clients), client, semaphore, is_running: false })
    }
}

impl Drop for SearchPermit {
    fn drop(&mut self) {
        let mut clients = lock(&self.clients);
        // Released under the lock, so that the last search finds a count of 1 and removes the entry.
        if let Some(semaphore) = self.semaphore.take()
            && self.is_running
        {
            semaphore.add_permits(1);
        }
        if clients.get(&self.client).is_some_and(|semaphore| Arc::strong_count(semaphore) == 1) {
            clients.remove(&self.client);
        }
    }
}

fn lock(clients: &Clients) -> MutexGuard<'_, HashMap<ChargedAccount, Arc<Semaphore>>> {
    clients.lock()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use futures_util::FutureExt as _;
    use superbot_domain::UserId;

    use super::*;

    fn gate() -> Arc<QueryGate> {
        Arc::new(QueryGate::new(2, RefusalLog::new(Arc::default())))
    }

    fn user(id: i64) -> ChargedAccount {
        ChargedAccount::User(UserId::from(id))
    }

    /// Starts a search that ends when the returned sender is used.
    fn search(
        gate: &Arc<QueryGate>,
        client: ChargedAccount,
    ) -> (tokio::sync::oneshot::Sender<()>, tokio::task::JoinHandle<Result<()>>) {
        let (end, ended) = tokio::sync::oneshot::channel();
        let gate = Arc::clone(gate);
        let query = async move {
            let _ = ended.await;
            Ok(())
        };
        (end, tokio::spawn(async move { gate.run(client, query).await }))
    }

    #[tokio::test(start_paused = true)]
    async fn two_searches_of_a_user_run_and_sixteen_wait_for_a_second() {
        let gate = gate();
        let mut searches: Vec<_> = (0..19).map(|_| search(&gate, user(1))).collect();
        let (_, surplus) = searches.pop().unwrap();
        assert_eq!(surplus.await.unwrap().unwrap_err().status, 429, "the nineteenth is refused at once");
        search(&gate, user(2)).0.send(()).unwrap();
        // The paused clock advances when all tasks are idle.
        for (_, waiting) in searches.drain(2..) {
            let refused = waiting.await.unwrap().unwrap_err();
            assert_eq!((refused.status, refused.code), (429, "rate_limited"));
        }
        for (end, running) in searches {
            end.send(()).unwrap();
            running.await.unwrap().unwrap();
        }
        let (end, next) = search(&gate, user(1));
        end.send(()).unwrap();
        next.await.unwrap().unwrap();
        assert!(lock(&gate.clients).is_empty(), "nothing is kept of those who search no more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_hangs_up_frees_no_turn() {
        let gate = gate();
        for _ in 0..2 {
            let hung_up = gate.run(user(1), async { pending::<std::result::Result<(), StoreError>>().await });
            assert!(hung_up.now_or_never().is_none());
        }
        let refused = gate.run(user(1), async { Ok(()) }).await.unwrap_err();
        assert_eq!(refused.status, 429);
    }

    #[tokio::test]
    async fn without_a_limit_all_run() {
        let gate = Arc::new(QueryGate::new(0, RefusalLog::new(Arc::default())));
        let searches: Vec<_> = (0..100).map(|_| search(&gate, user(1))).collect();
        for (end, running) in searches {
            end.send(()).unwrap();
            running.await.unwrap().unwrap();
        }
    }
}
