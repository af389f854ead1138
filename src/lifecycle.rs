//! Who owns every long task, and how the program stops.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Owns the long tasks: told once to stop, then waited for until a deadline.
///
/// A task that ends before it was told to stops the whole program, with the reason: half a
/// program that looks alive is worse than one that is restarted.
#[derive(Clone)]
pub struct Lifecycle {
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Where all of them run, wherever they are begun.
    home: Handle,
    failure: Arc<Mutex<Option<String>>>,
}

impl Lifecycle {
    /// A lifecycle of tasks on the runtime that this is called on; it also stops when `stop` is cancelled.
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop, tasks: TaskTracker::new(), home: Handle::current(), failure: Arc::default() }
    }

    /// Cancelled when the program is to stop.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    /// Runs a task that is meant to run until the program stops.
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
            this.failure.lock().get_or_insert(reason);
            this.stop.cancel();
        };
        self.tasks.spawn_on(watch, &self.home);
    }

    /// Runs a task that ends by itself, and is waited for when the program stops.
    pub fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, &self.home);
    }

    /// Waits for every task, `deadline` at most.
    ///
    /// # Errors
    /// The reason, when a task's unexpected end was what stopped the program.
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
