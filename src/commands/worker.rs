//! `superbot worker`: one worker as a process of its own, beside `serve --no-workers`.

use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use superbot_domain::QueryKind;
use superbot_domain::SystemClock;
use tokio_util::sync::CancellationToken;

use super::cli::{Global, Outcome, VERSION};
use super::serve::{start_logging, stop_on_signals};
use super::store_access::open_existing;
use super::systemd;
use crate::health::Health;
use crate::ingest::Publisher;
use crate::lifecycle::Lifecycle;
use crate::metrics::Metrics;
use crate::presence::Presence;
use crate::workers::{self, Standing, sources};

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
    /// Reads the pages of sources
    Sources,
    /// All of them
    All,
}

impl Which {
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

/// What is under way when it is told to stop has this long to end.
const STOP_WITHIN: Duration = Duration::from_secs(10);

impl Worker {
    pub async fn run(self, global: &Global) -> Outcome {
        let config = global.settings_to_log(Vec::new())?;
        start_logging(&config.log)?;
        tracing::info!(version = VERSION, "starting");
        if let Some(warning) = config.foreign_file() {
            tracing::warn!("{warning}");
        }
        let stop = CancellationToken::new();
        stop_on_signals(&stop)?;
        let clock = Arc::new(SystemClock);
        let store = open_existing(&config).await?;
        let (health, lifecycle) = (Health::new(clock.clone()), Lifecycle::new(stop.clone()));
        for kind in self.which.kinds() {
            let worker = Standing::new(*kind, store.clone(), clock.clone(), config.workers.every(*kind));
            workers::start(worker, &health, &lifecycle);
        }
        if self.which.reads_sources() {
            // Nobody is connected to this process, and nobody asks it for figures.
            let (presence, metrics) = (Presence::of_node(0), Arc::new(Metrics::default()));
            let publisher = Publisher::new(store.clone(), clock.clone(), presence, metrics, config.listings.clone());
            let ground = sources::Ground::new(&config, store.clone(), publisher, clock.clone())?;
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
