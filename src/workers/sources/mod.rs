//! Supervises the sources: each runs in a task of its own, and a failing or panicking one does not affect the others.

mod source_context;
mod task;
#[cfg(test)]
mod tests;
mod wanted;

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use superbot_domain::{SourceName, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::health::TaskHealth;
use crate::lifecycle::Lifecycle;
use task::SourceTask;

pub use source_context::SourceContext;

/// Name of the worker in logs and in `/readyz`.
pub const NAME: &str = "sources";

/// Maximum interval between two checks for changed sources.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Delay of a check after a control event, to combine several; the events of other processes' listings wake it as well.
const LOOK_AFTER: Duration = Duration::from_millis(200);
/// Delay after a failure of the store.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// Maximum duration of a step beyond the timeout of its request, which covers parsing the page.
const READ_WITHIN: Duration = Duration::from_mins(1);

/// Runs all started sources until the program stops.
pub fn start(context: SourceContext, step_within: Duration, health: &TaskHealth, lifecycle: &Lifecycle) {
    health.expect(NAME, LOOK_EVERY);
    let stop = lifecycle.stopping().clone();
    lifecycle.spawn_critical(NAME, watch_over(Arc::new(context), step_within + READ_WITHIN, health.clone(), stop));
}

async fn watch_over(
    context: Arc<SourceContext>,
    step_within: Duration,
    health: TaskHealth,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut changes = context.store.events().subscribe_control();
    let mut tasks = JoinSet::new();
    let mut running: HashMap<SourceName, (i64, watch::Sender<()>)> = HashMap::new();
    loop {
        match context.store.sources().list().await {
            Ok(sources) => {
                health.beat(NAME);
                let to_run: HashSet<&SourceName> =
                    sources.iter().filter(|source| source.running).map(|source| &source.name).collect();
                // Dropping its waker ends the task of a source that was stopped or removed.
                running.retain(|name, _| to_run.contains(name));
                for source in sources.iter().filter(|source| source.running) {
                    let (revision, waker) = running.entry(source.name.clone()).or_insert_with(|| {
                        let (waker, woken) = watch::channel(());
                        let task = SourceTask::new(Arc::clone(&context), source.name.clone());
                        tasks.spawn(run_source(task, step_within, woken, stop.clone()));
                        (source.revision, waker)
                    });
                    if *revision != source.revision {
                        *revision = source.revision;
                        waker.send_replace(());
                    }
                }
            }
            Err(error) => {
                health.record_failure(NAME);
                tracing::error!(%error, "the sources cannot be read");
            }
        }
        // Removes ended tasks from the set.
        while tasks.try_join_next().is_some() {}
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = changes.changed() => tokio::time::sleep(LOOK_AFTER).await,
        }
    }
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// Runs the steps of one source, each when it is due.
async fn run_source(
    mut task: SourceTask,
    step_within: Duration,
    mut woken: watch::Receiver<()>,
    stop: CancellationToken,
) {
    loop {
        let stepped = tokio::select! {
            () = stop.cancelled() => break,
            stepped = guarded(&mut task, step_within) => stepped,
        };
        let wait = match stepped {
            Ok(Some(moment)) => until(moment, &task),
            // Nothing to do until the source is changed, which wakes the task earlier.
            Ok(None) => LOOK_EVERY,
            Err(error) => {
                tracing::error!(source = %task.name(), error = format!("{error:#}"), "a step failed");
                TRY_AGAIN
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            changed = woken.changed() => if changed.is_err() { break },
            () = tokio::time::sleep(wait) => {}
        }
    }
    // Without this, other processes would have to wait until the lease expires.
    task.release().await;
}

/// Runs a step, turning a panic or a timeout into a failed run.
async fn guarded(task: &mut SourceTask, within: Duration) -> anyhow::Result<Option<Timestamp>> {
    let step = AssertUnwindSafe(task.step()).catch_unwind();
    let reason = match tokio::time::timeout(within, step).await {
        Ok(Ok(stepped)) => return stepped,
        Ok(Err(_)) => "it failed by a fault of this program; its log says more".to_owned(),
        Err(_) => format!("it did not end within {within:?}"),
    };
    task.fail(reason).await
}

fn until(moment: Timestamp, task: &SourceTask) -> Duration {
    Duration::try_from(moment.duration_since(task.now())).unwrap_or_default()
}
