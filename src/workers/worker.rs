//! The trait of background workers, and their loop.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::health::TaskHealth;
use crate::lifecycle::Lifecycle;

/// A periodic background task.
pub trait PeriodicWorker: Send + 'static {
    /// Returns the name in logs and in `/readyz`.
    fn name(&self) -> &'static str;

    /// Returns the pause between two steps.
    fn every(&self) -> Duration;

    /// Does all work that is due. Must be idempotent, because a failed step is repeated.
    fn step(&mut self) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// Runs a worker until the program stops.
pub fn start<W: PeriodicWorker>(worker: W, health: &TaskHealth, lifecycle: &Lifecycle) {
    let name = worker.name();
    health.expect(name, worker.every());
    let stop = lifecycle.stopping().clone();
    lifecycle.spawn_critical(name, run(worker, health.clone(), stop));
}

async fn run<W: PeriodicWorker>(mut worker: W, health: TaskHealth, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        match worker.step().await {
            Ok(()) => health.beat(worker.name()),
            // The next step repeats what this one could not do.
            Err(error) => {
                health.record_failure(worker.name());
                tracing::error!(worker = worker.name(), error = format!("{error:#}"), "a step failed");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(worker.every()) => {}
        }
    }
}
