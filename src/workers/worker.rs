//! What a worker is, and the loop that runs each of them.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::health::TaskHealth;
use crate::lifecycle::Lifecycle;

/// Something done every so often.
pub trait PeriodicWorker: Send + 'static {
    /// Its name, in logs and `/readyz`.
    fn name(&self) -> &'static str;

    /// How long it rests between two steps.
    fn every(&self) -> Duration;

    /// Does all there is to do now. Doing it twice is no different from doing it once.
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
            // The next step does what this one could not.
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
