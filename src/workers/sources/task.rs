//! The task of one source: periodic runs, each of which makes one request per step.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{NewListing, SourceHealth, SourceName, SourceRun, SourceState, Timestamp};
use superbot_sources::{Settings, Step, Version, Versions, Visit};
use superbot_store::{SiteTurn, StoredSource};

use super::source_context::SourceContext;
use super::wanted;
use crate::ingest::ItemStatus;
use crate::source_setup;

/// State of one source's task.
pub(super) struct SourceTask {
    context: Arc<SourceContext>,
    name: SourceName,
    run: Option<ActiveRun>,
    versions: Versions,
    /// Index of the page with which the next run starts, so that a limited number of pages per run covers all in turn.
    first_page: usize,
}
struct ActiveRun {
    source: StoredSource,
    settings: Arc<Settings>,
    visit: Visit,
    pages: usize,
    /// Listings that were found and not stored yet, with the version of their page.
    to_store: Option<(Vec<NewListing>, Version)>,
}

/// Interval of attempts to lease a source that another process has leased.
const HELD_UP: Duration = Duration::from_secs(5);
/// Maximum listings per transaction.
const BATCH: usize = 500;
/// Maximum users notified per transaction.
const TOLD_AT_ONCE: u32 = 500;
/// Maximum queries of users that are read for deriving searches.
const MAX_WANTED: u32 = 2_000;

impl SourceTask {
    pub(super) fn new(context: Arc<SourceContext>, name: SourceName) -> Self {
        Self { context, name, run: None, versions: Versions::default(), first_page: 0 }
    }

    pub(super) fn name(&self) -> &SourceName {
        &self.name
    }

    pub(super) fn now(&self) -> Timestamp {
        self.context.clock.now()
    }

    /// Makes at most one request, and returns when the next step is due; `None` means after the source is changed.
    pub(super) async fn step(&mut self) -> anyhow::Result<Option<Timestamp>> {
        let now = self.context.clock.now();
        if self.run.is_none() && !self.begin().await? {
            let source = self.context.store.sources().get(&self.name).await?.filter(|source| source.running);
            let next = source.and_then(|source| source.health.next_run_at);
            return Ok(next.map(|next| next.max(now + HELD_UP)));
        }
        // What was found is stored before the next request, so that at most one page is held.
        self.store_found().await?;
        let Some(run) = &mut self.run else { return Ok(Some(now)) };
        let context = &self.context;
        let Some(url) = run.visit.next(&context.robots, now) else { return self.finish().await };
        let gap = context.gap.max(run.visit.gap(&context.robots, now).unwrap_or_default());
        // Up to half longer, so that the requests of several sources do not synchronize.
        let gap = gap.mul_f64(1.0 + rand::random_range(0.0..0.5));
        let origin = url.origin().ascii_serialization();
        let cap = run.settings.given.requests_per_day;
        match context.store.sources().acquire_slot(&run.source, context.holder, &origin, gap, cap).await? {
            SiteTurn::Granted => {}
            SiteTurn::At(moment) => return Ok(Some(moment)),
            SiteTurn::Lost => {
                self.run = None;
                return Ok(Some(now));
            }
            SiteTurn::Spent(until) => {
                let warning = format!("its {cap} requests of the day are made; it continues at midnight (UTC)");
                let health = run.source.health.clone().paused(until, warning);
                context.store.sources().finish(&run.source, context.holder, &health).await?;
                self.run = None;
                return Ok(Some(until));
            }
        }
        if let Step::Read { found, version } =
            run.visit.ask(&context.fetcher, &context.robots, &self.versions, now).await
        {
            let currency = run.settings.currency(context.currency);
            let listings = found.into_iter().filter_map(|found| {
                let link = found.link.clone();
                let listing = found.into_listing(&self.name, currency);
                listing.inspect_err(|error| tracing::warn!(source = %self.name, link, %error, "left out")).ok()
            });
            run.to_store = Some((listings.collect(), version));
            self.store_found().await?;
        }
        Ok(Some(self.now()))
    }

    /// Ends the current run as failed because of a bug or a timeout in this program.
    pub(super) async fn fail(&mut self, reason: String) -> anyhow::Result<Option<Timestamp>> {
        let Some(mut run) = self.run.take() else { return Ok(Some(self.now() + HELD_UP)) };
        run.visit.end(SourceState::Failed, reason, None);
        self.run = Some(ActiveRun { to_store: None, ..run });
        self.finish().await
    }

    /// Releases the lease, so that another process can continue.
    pub(super) async fn release(&mut self) {
        if self.run.take().is_some()
            && let Err(error) = self.context.store.sources().release(&self.name, self.context.holder).await
        {
            tracing::warn!(source = %self.name, %error, "releasing the lease failed; it will expire");
        }
    }

    /// Starts a run, if one is due and the source is not leased by another process.
    async fn begin(&mut self) -> anyhow::Result<bool> {
        let context = &self.context;
        let Some(source) = context.store.sources().hold(&self.name, context.holder).await? else { return Ok(false) };
        let settings = match source_setup::read_runnable(&source) {
            Ok(settings) => Arc::new(settings),
            Err(invalid) => {
                let reason = invalid.to_string();
                let run = SourceRun { state: SourceState::Failed, reason, listings: 0, created: 0, retry_after: None };
                self.note(&source, &run, HELD_UP).await?;
                return Ok(false);
            }
        };
        let asked = if settings.given.follow_searches {
            let wanted = context.store.sources().list_wanted(&self.name, MAX_WANTED).await?;
            wanted::searches(&wanted, settings.currency(context.currency))
        } else {
            Vec::new()
        };
        let mut pages = settings.pages(&asked);
        let count = pages.len();
        if count > 0 {
            self.first_page %= count;
            pages.rotate_left(self.first_page);
            pages.truncate(settings.given.pages_per_run as usize);
        }
        let visit = Visit::new(Arc::clone(&settings), pages, context.currency);
        self.run = Some(ActiveRun { source, settings, visit, pages: count, to_store: None });
        Ok(true)
    }

    /// Stores what was found. On failure the rest is kept, and stored before the next request.
    async fn store_found(&mut self) -> anyhow::Result<()> {
        let Some(run) = &mut self.run else { return Ok(()) };
        while let Some((listings, _)) = &mut run.to_store {
            if listings.is_empty() {
                // Only now: a page remembered before it was stored would be skipped as unchanged.
                if let Some((_, version)) = run.to_store.take() {
                    self.versions.remember(version);
                }
                break;
            }
            let batch: Vec<_> = listings.iter().take(BATCH).cloned().map(|listing| Ok(listing.into())).collect();
            let taken = batch.len();
            let results = self.context.publisher.broadcast_new_listings(batch).await?;
            let created = results.iter().filter(|result| result.status == ItemStatus::Created).count();
            run.visit.took(u32::try_from(created).unwrap_or(u32::MAX));
            listings.drain(..taken);
        }
        Ok(())
    }

    async fn finish(&mut self) -> anyhow::Result<Option<Timestamp>> {
        let Some(run) = self.run.take() else { return Ok(None) };
        self.first_page = (self.first_page + run.visit.pages_done()) % run.pages.max(1);
        self.note(&run.source, &run.visit.outcome(), run.settings.every()).await
    }

    /// Records the result of a run, notifies users of a changed state, and returns when the next run is due.
    async fn note(&self, source: &StoredSource, run: &SourceRun, every: Duration) -> anyhow::Result<Option<Timestamp>> {
        let context = &self.context;
        let now = self.now();
        let health = source.health.clone().after(run, now, every, rand::random());
        if !context.store.sources().finish(source, context.holder, &health).await? {
            return Ok(Some(now));
        }
        log(&self.name, &source.health, &health);
        while context.store.sources().notify_users(&self.name, TOLD_AT_ONCE).await? == TOLD_AT_ONCE as usize {}
        Ok(health.next_run_at)
    }
}

fn log(name: &SourceName, before: &SourceHealth, health: &SourceHealth) {
    let state = health.state;
    let reason = health.reason.as_str();
    let is_news = before.state != state || before.warning != health.warning;
    match (is_news, state.is_failing() || health.warning.is_some()) {
        (true, true) => tracing::warn!(source = %name, ?state, reason, warning = health.warning, "a source is failing"),
        (true, false) => tracing::info!(source = %name, ?state, reason, "a source works"),
        (false, _) => tracing::debug!(source = %name, ?state, reason, "a source has run"),
    }
}
