//! Ownership of background tasks, and the shutdown of the program.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Owns the background tasks: stops them together, and waits for them up to a deadline. Clones share it.
///
/// A critical task that ends before that stops the whole program, with the reason: a process that is alive with a part
/// missing is worse than one that is restarted.
#[derive(Clone)]
pub struct Lifecycle {
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Runtime of all tasks, regardless of the thread that spawns them.
    home: Handle,
    failure: Arc<Mutex<Option<String>>>,
}

impl Lifecycle {
    /// Creates a lifecycle for tasks on the current runtime; it also stops when `stop` is cancelled.
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop, tasks: TaskTracker::new(), home: Handle::current(), failure: Arc::default() }
    }

    /// Returns the token that is cancelled when the program has to stop.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    /// Spawns a critical task, whose end before the program stops is a failure.
    pub fn spawn_critical(&self, name: &'static str, task: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        let this = self.clone();
        let handle = self.tasks.spawn_on(task, &self.home);
        let watch = async move {
            let ended = handle.await;
            if this.stop.is_cancelled() {
                return;
            }
            let reason = match ended {
                Ok(Ok(())) => format!("{name} ended unexpectedly"),
                Ok(Err(error)) => format!("{name} failed: {error:#}"),
                Err(error) => format!("{name} panicked: {error}"),
            };
            tracing::error!(reason, "stopping");
            // The first failure is the cause; later ones are often its consequences.
            this.failure.lock().get_or_insert(reason);
            this.stop.cancel();
        };
        self.tasks.spawn_on(watch, &self.home);
    }

    /// Spawns a task that may end by itself; shutdown waits for it.
    pub fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, &self.home);
    }

    /// Waits for all tasks, at most for `deadline`.
    ///
    /// # Errors
    /// The reason, if the failure of a critical task stopped the program.
    pub async fn finish(self, deadline: Duration) -> anyhow::Result<()> {
        self.tasks.close();
        if tokio::time::timeout(deadline, self.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.tasks.len(), "some tasks did not end in time");
        }
        match self.failure.lock().take() {
            Some(reason) => Err(anyhow::anyhow!(reason)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_unexpected_end_stops_the_program_with_its_reason() {
        let lifecycle = Lifecycle::new(CancellationToken::new());
        lifecycle.spawn_critical("the tail", async { anyhow::bail!("the disk went away") });
        lifecycle.stopping().cancelled().await;
        let error = lifecycle.finish(Duration::from_secs(5)).await.unwrap_err();
        assert_eq!(error.to_string(), "the tail failed: the disk went away");
    }

    #[tokio::test]
    async fn a_panic_counts_as_an_unexpected_end() {
        let lifecycle = Lifecycle::new(CancellationToken::new());
        lifecycle.spawn_critical("a worker", async { panic!("oh") });
        lifecycle.stopping().cancelled().await;
        let error = lifecycle.finish(Duration::from_secs(5)).await.unwrap_err();
        assert!(error.to_string().starts_with("a worker panicked"), "{error}");
    }

    #[tokio::test]
    async fn an_end_after_the_stop_is_no_failure() {
        let lifecycle = Lifecycle::new(CancellationToken::new());
        let stop = lifecycle.stopping().clone();
        lifecycle.spawn_critical("a worker", async move {
            stop.cancelled().await;
            Ok(())
        });
        lifecycle.stopping().cancel();
        lifecycle.finish(Duration::from_secs(5)).await.unwrap();
    }
}
