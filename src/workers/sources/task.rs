//! What one source does: a run now and then, and in a run one request after the other.

use std::sync::Arc;
use std::time::Duration;

use superbot_domain::{NewListing, SourceHealth, SourceName, SourceRun, SourceState, Timestamp};
use superbot_sources::{Settings, Step, Version, Versions, Visit};
use superbot_store::{SiteTurn, StoredSource};

use super::source_context::SourceContext;
use super::wanted;
use crate::ingest::ItemStatus;
use crate::source_setup;

/// One source, as far as it has come.
pub(super) struct SourceTask {
    context: Arc<SourceContext>,
    name: SourceName,
    run: Option<ActiveRun>,
    versions: Versions,
    /// The page that the next run begins with.
    first_page: usize,
}

/// A run under way.
struct ActiveRun {
    source: StoredSource,
    settings: Arc<Settings>,
    visit: Visit,
    pages: usize,
    /// What was found and is not yet stored.
    to_store: Option<(Vec<NewListing>, Version)>,
}

/// A source that another process is at is looked at so often.
const HELD_UP: Duration = Duration::from_secs(5);
/// So many listings are stored at once.
const BATCH: usize = 500;
/// So many people are told at once.
const TOLD_AT_ONCE: u32 = 500;
/// What people's searches are made of is bounded too.
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

    /// Makes one request at most, and gives the moment to go on; none before somebody changes the source.
    pub(super) async fn step(&mut self) -> anyhow::Result<Option<Timestamp>> {
        let now = self.context.clock.now();
        if self.run.is_none() && !self.begin().await? {
            let source = self.context.store.sources().get(&self.name).await?.filter(|source| source.running);
            let next = source.and_then(|source| source.health.next_run_at);
            return Ok(next.map(|next| next.max(now + HELD_UP)));
        }
        self.store_found().await?;
        let Some(run) = &mut self.run else { return Ok(Some(now)) };
        let context = &self.context;
        let Some(url) = run.visit.next(&context.robots, now) else { return self.finish().await };
        let gap = context.gap.max(run.visit.gap(&context.robots, now).unwrap_or_default());
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
                let warning = format!("its {cap} requests of the day are made; it goes on at midnight (UTC)");
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

    /// Gives up what is under way, because of a fault of ours, and notes it.
    pub(super) async fn fail(&mut self, reason: String) -> anyhow::Result<Option<Timestamp>> {
        let Some(mut run) = self.run.take() else { return Ok(Some(self.now() + HELD_UP)) };
        run.visit.end(SourceState::Failed, reason, None);
        self.run = Some(ActiveRun { to_store: None, ..run });
        self.finish().await
    }

    /// Gives the source free for another process.
    pub(super) async fn release(&mut self) {
        if self.run.take().is_some()
            && let Err(error) = self.context.store.sources().release(&self.name, self.context.holder).await
        {
            tracing::warn!(source = %self.name, %error, "others will wait for it a while");
        }
    }

    /// Begins a run, if it is time for one and nobody else is at it.
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

    /// Stores what was found. What cannot be stored now is tried again, before anything else is asked for.
    async fn store_found(&mut self) -> anyhow::Result<()> {
        let Some(run) = &mut self.run else { return Ok(()) };
        while let Some((listings, _)) = &mut run.to_store {
            if listings.is_empty() {
                if let Some((_, version)) = run.to_store.take() {
                    self.versions.remember(version);
                }
                break;
            }
            let batch: Vec<NewListing> = listings.iter().take(BATCH).cloned().collect();
            let taken = batch.len();
            let results = self.context.publisher.broadcast_new_listings(batch.into_iter().map(Ok).collect()).await?;
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

    /// Notes how a run went, tells those who depend on it, and gives the moment of the next one.
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
        (true, true) => tracing::warn!(source = %name, ?state, reason, warning = health.warning, "a source fails"),
        (true, false) => tracing::info!(source = %name, ?state, reason, "a source is fine"),
        (false, _) => tracing::debug!(source = %name, ?state, reason, "a source has run"),
    }
}
