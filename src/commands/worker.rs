//! `superbot worker`: one worker as a process of its own, beside `serve --no-workers`.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use superbot_domain::SystemClock;
use superbot_store::QueryKind;
use tokio_util::sync::CancellationToken;

use super::serve::{start_logging, stop_on_signals};
use super::{Global, Outcome};
use crate::app;
use crate::health::Health;
use crate::lifecycle::Lifecycle;
use crate::workers::{self, Standing};

/// Run a worker as a process of its own, on the same store as `serve --no-workers`.
#[derive(Args)]
pub struct Worker {
    /// Which one
    which: Which,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Which {
    /// Tells what waited for price alerts' cooldowns to end, and what was missed
    PriceAlerts,
    /// Tells what saved searches gathered, each at its cadence, and what was missed
    SavedSearches,
    /// Both
    All,
}

impl Which {
    const fn kinds(self) -> &'static [QueryKind] {
        match self {
            Self::PriceAlerts => &[QueryKind::PriceAlert],
            Self::SavedSearches => &[QueryKind::SavedSearch],
            Self::All => &QueryKind::ALL,
        }
    }
}

/// What is under way when it is told to stop has this long to end.
const STOP_WITHIN: Duration = Duration::from_secs(10);

impl Worker {
    pub async fn run(self, global: &Global) -> Outcome {
        let config = global.settings(Vec::new())?;
        start_logging(&config.log)?;
        let stop = CancellationToken::new();
        stop_on_signals(&stop)?;
        let clock = Arc::new(SystemClock);
        let store = app::open_store(&config, clock.clone()).await?;
        let (health, lifecycle) = (Health::new(clock.clone()), Lifecycle::new(stop.clone()));
        for kind in self.which.kinds() {
            let worker = Standing::new(*kind, store.clone(), clock.clone(), config.workers.every(*kind));
            workers::start(worker, &health, &lifecycle);
        }
        tracing::info!("working");
        stop.cancelled().await;
        let finished = lifecycle.finish(STOP_WITHIN).await;
        store.close().await;
        Ok(finished?)
    }
}
