//! `superbot worker`: runs workers as a separate process, next to `serve --no-workers`.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use superbot_domain::QueryKind;
use superbot_domain::SystemClock;
use tokio_util::sync::CancellationToken;

use super::cli::{CommandResult, GlobalArgs, VERSION};
use super::serve::{start_logging, stop_on_signals};
use super::store_access::open_existing;
use super::systemd;
use crate::health::TaskHealth;
use crate::ingest::Publisher;
use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::presence::PresenceRegister;
use crate::workers::{self, StandingQueryWorker, sources};

/// Run a worker as a separate process, on the same store as `serve --no-workers`.
#[derive(Args)]
pub struct WorkerArgs {
    /// The worker to run
    which: WorkerKind,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum WorkerKind {
    /// Delivers notifications of price alerts that were delayed by a cooldown, or missed
    PriceAlerts,
    /// Delivers combined notifications of saved searches, each at its cadence, and missed ones
    SavedSearches,
    /// Reads listings from the sources
    Sources,
    /// All workers
    All,
}

impl WorkerKind {
    const fn kinds(self) -> &'static [QueryKind] {
        match self {
            Self::PriceAlerts => &[QueryKind::PriceAlert],
            Self::SavedSearches => &[QueryKind::SavedSearch],
            Self::Sources => &[],
            Self::All => &QueryKind::ALL,
        }
    }

    const fn reads_sources(self) -> bool {
        matches!(self, Self::Sources | Self::All)
    }
}

/// Deadline for work in progress after a request to stop.
const STOP_WITHIN: Duration = Duration::from_secs(10);

impl WorkerArgs {
    pub async fn run(self, global: &GlobalArgs) -> CommandResult {
        let config = global.settings_to_log(Vec::new())?;
        start_logging(&config.log)?;
        tracing::info!(version = VERSION, "starting");
        if let Some(warning) = config.foreign_file() {
            tracing::warn!("{warning}");
        }
        let stop = CancellationToken::new();
        stop_on_signals(&stop)?;
        let clock = Arc::new(SystemClock);
        // A worker creates no store: an empty one would hide that its settings name the wrong place.
        let store = open_existing(&config).await?;
        let health = TaskHealth::new(clock.clone());
        let lifecycle = Lifecycle::new(stop.clone());
        for kind in self.which.kinds() {
            let worker = StandingQueryWorker::new(*kind, store.clone(), clock.clone(), config.workers.every(*kind));
            workers::start(worker, &health, &lifecycle);
        }
        if self.which.reads_sources() {
            // Required by `Publisher`, but this process serves neither clients nor `/metrics`.
            let presence = PresenceRegister::of_node(0);
            let metrics = Arc::new(Metrics::default());
            let publisher = Publisher::new(store.clone(), clock.clone(), presence, metrics, config.listings.clone());
            let ground = sources::SourceContext::new(&config, store.clone(), publisher, clock.clone())?;
            sources::start(ground, config.sources.request_timeout, &health, &lifecycle);
        }
        systemd::notify(health, stop.clone());
        tracing::info!("working");
        stop.cancelled().await;
        let finished = lifecycle.finish(STOP_WITHIN).await;
        store.close().await;
        Ok(finished?)
    }
}
