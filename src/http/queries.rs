//! Bounds the searches of one user that run at the same time.

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

/// The most searches of one user that wait for their turn.
const MAX_WAITING: usize = 16;
/// How long a search waits for its turn.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// Lets a few searches of each user run and some more wait, so that one user's searches do not occupy every connection to
/// the store.
pub struct QueryGate {
    /// The most searches of one user that run at once; 0 is unlimited.
    at_once: usize,
    refusals: RefusalLog,
    clients: Clients,
}

/// The semaphore of each client that has searches; held by the map and by each [`SearchPermit`].
type Clients = Arc<Mutex<HashMap<ChargedAccount, Arc<Semaphore>>>>;

/// A search that runs, or waits to run.
struct SearchPermit {
    clients: Clients,
    client: ChargedAccount,
    semaphore: Option<Arc<Semaphore>>,
    is_running: bool,
}

impl QueryGate {
    /// A gate for `limits.user_concurrent_queries`.
    pub fn new(at_once: usize, refusals: RefusalLog) -> Self {
        Self { at_once, refusals, clients: Clients::default() }
    }

    /// Runs a search when it is its client's turn. It is counted until it has ended, even if its client hangs up first: the
    /// database works on it until then.
    ///
    /// # Errors
    /// 429 where too many searches of this client run or wait; what the search fails with.
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
                format!("{} searches of yours are running and others wait; try again when one is done", self.at_once);
            return Err(Problem::rate_limited(detail, MAX_WAIT));
        };
        let running = tokio::spawn(async move {
            let _turn = turn;
            query.await
        });
        Ok(running.await.map_err(|error| Problem::internal(&error))??)
    }

    /// Waits for a turn; `None` when there are too many already, or it takes too long.
    async fn turn(&self, client: ChargedAccount) -> Option<SearchPermit> {
        let mut turn = self.enter(client)?;
        let acquired = tokio::time::timeout(MAX_WAIT, turn.semaphore.as_ref()?.acquire()).await.ok()?.ok()?;
        // Given back when the turn ends.
        acquired.forget();
        turn.is_running = true;
        Some(turn)
    }

    /// Counts a search; `None` when there are too many already.
    fn enter(&self, client: ChargedAccount) -> Option<SearchPermit> {
        let mut clients = lock(&self.clients);
        let semaphore = clients.entry(client).or_insert_with(|| Arc::new(Semaphore::new(self.at_once)));
        // One reference is the map's own.
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
        // Under the lock, so that the last one sees that it is the last.
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

    /// A search that ends when what this sends is received.
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
        // The clock moves on by itself when all that can be done is to wait.
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
