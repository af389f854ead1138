//! Configuration of sources.

use serde_json::{Value, json};
use superbot_domain::{Audience, EventKind, InvalidFields, ScraperStates, SourceHealth, SourceName, Timestamp};
use superbot_wire as wire;

use crate::error::{Result, StoreError};
use crate::events::NewEvent;
use crate::handles::SourceStore;
use crate::rows::{micros, timestamp};
use crate::sql::{self, Record, SelectRecord as _, UpdateRecord as _, sql_text};
use crate::status;
use crate::tx::StoreTx;

/// A source of listings.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSource {
    /// Unique name, which its listings carry.
    pub name: SourceName,
    /// Name of the adapter that reads its pages.
    pub kind: String,
    /// Settings of the adapter, a JSON object.
    pub settings: Value,
    /// Whether it is enabled.
    pub running: bool,
    /// When an administrator acknowledged the site's terms.
    pub terms_accepted_at: Option<Timestamp>,
    /// Outcome of its recent runs.
    pub health: SourceHealth,
    /// Whether an immediate run was requested.
    pub run_asked: bool,
    /// Version of the configuration, incremented by each change.
    pub revision: i64,
    /// Number of requests made on `day`.
    pub requests: u32,
    /// Day of its last request, in days since 1970-01-01 UTC.
    pub day: i64,
}

/// A change of a source's configuration.
#[derive(Clone, Debug, Default)]
pub struct SourceChange {
    /// New settings.
    pub settings: Option<Value>,
    /// Enables or disables the source.
    pub running: Option<bool>,
    /// Acknowledges the site's terms.
    pub accept_terms: bool,
    /// Requests an immediate run, if the source is enabled.
    pub run: bool,
}

#[derive(Record)]
#[record(table = "sources")]
pub(super) struct SourceRow {
    #[record(key)]
    name: String,
    kind: String,
    #[record(update)]
    settings: String,
    #[record(update)]
    running: bool,
    #[record(update)]
    terms_accepted_at: Option<i64>,
    #[record(update)]
    health: String,
    /// Copy of the health's field, indexed for finding due sources.
    #[record(no_select, update)]
    next_run_at: Option<i64>,
    #[record(update)]
    run_asked: bool,
    #[record(update)]
    revision: i64,
    /// Counters, written by the running worker rather than by changes of the configuration.
    day: i64,
    requests: i64,
    /// Id of the process that holds the lease.
    #[record(no_select)]
    holder: i64,
    #[record(no_select)]
    held_until: i64,
}

/// Maximum number of sources; each costs a task and some memory.
const MAX_SOURCES: i64 = 500;

impl SourceStore<'_> {
    /// Returns all sources, ordered by name.
    pub async fn list(self) -> Result<Vec<StoredSource>> {
        let select = sql_text!("SELECT ", SourceRow::COLUMNS, " FROM sources ORDER BY name");
        let rows: Vec<SourceRow> = sql::query_as(select).fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(SourceRow::read).collect()
    }

    /// Returns a source by name.
    pub async fn get(self, name: &SourceName) -> Result<Option<StoredSource>> {
        let select = sql_text!("SELECT ", SourceRow::COLUMNS, " FROM sources WHERE name = $1");
        let row: Option<SourceRow> =
            sql::query_as(select).bind(name.as_str()).fetch_optional(&mut self.store.reader().await?).await?;
        row.map(SourceRow::read).transpose()
    }

    /// Creates a disabled source.
    pub async fn create(self, name: &SourceName, kind: &str, settings: &Value) -> Result<StoredSource> {
        let name = name.clone();
        let kind = kind.to_owned();
        let settings = settings.clone();
        self.store
            .write(async move |tx| {
                // The status is an object with source names as keys, so it may restrict names further.
                if !ScraperStates::initial().set(name.clone(), false) {
                    return Err(InvalidFields::one("name", format!("{name} is reserved; choose another name")).into());
                }
                let count: i64 = sql::query_scalar("SELECT COUNT(*) FROM sources").fetch_one(&mut tx.conn).await?;
                if count >= MAX_SOURCES {
                    return Err(InvalidFields::one("name", format!("there are {MAX_SOURCES} sources already")).into());
                }
                let mut insert =
                    sql::insert([SourceRow::new(&StoredSource::stopped(name.clone(), kind, settings, tx.now))?]);
                insert.push(" ON CONFLICT (name) DO NOTHING RETURNING ").push(SourceRow::COLUMNS);
                let row: Option<SourceRow> = insert.build_query_as().fetch_optional(&mut tx.conn).await?;
                let source = row.ok_or(StoreError::SourceExists)?.read()?;
                tx.set_running(&name, false).await?;
                tx.sources_changed(&name).await?;
                Ok(source)
            })
            .await
    }

    /// Changes a source; returns `None` if it does not exist.
    pub async fn update(self, name: &SourceName, change: SourceChange) -> Result<Option<StoredSource>> {
        let name = name.clone();
        self.store
            .write(async move |tx| {
                let Some(mut source) = tx.source(&name).await? else { return Ok(None) };
                let starts = change.running == Some(true) && !source.running;
                let stops = change.running == Some(false) && source.running;
                source.running = change.running.unwrap_or(source.running);
                // The health described the old configuration, so it is reset.
                if starts || (source.running && change.settings.is_some()) {
                    source.health = source.health.started(tx.now);
                } else if stops {
                    source.health = source.health.ended(tx.now);
                }
                source.settings = change.settings.unwrap_or(source.settings);
                // Stopping a source cancels a requested run.
                source.run_asked = source.running && (source.run_asked || change.run);
                // The first acknowledgement is kept.
                source.terms_accepted_at = source.terms_accepted_at.or(change.accept_terms.then_some(tx.now));
                source.revision += 1;
                SourceRow::new(&source)?.update().build().execute(&mut tx.conn).await?;
                tx.set_running(&name, source.health.state.is_good()).await?;
                tx.sources_changed(&name).await?;
                Ok(Some(source))
            })
            .await
    }

    /// Deletes a source, but not its listings; returns false if it does not exist.
    pub async fn delete(self, name: &SourceName) -> Result<bool> {
        let name = name.clone();
        self.store
            .write(async move |tx| {
                let delete = sql::query("DELETE FROM sources WHERE name = $1").bind(name.as_str());
                if delete.execute(&mut tx.conn).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                for sql in
                    ["DELETE FROM source_notices WHERE source = $1", "DELETE FROM scraper_status WHERE source = $1"]
                {
                    sql::query(sql).bind(name.as_str()).execute(&mut tx.conn).await?;
                }
                tx.publish_status().await?;
                tx.sources_changed(&name).await?;
                Ok(true)
            })
            .await
    }
}

impl StoreTx {
    pub(super) async fn source(&mut self, name: &SourceName) -> Result<Option<StoredSource>> {
        let select = sql_text!("SELECT ", SourceRow::COLUMNS, " FROM sources WHERE name = $1");
        let row: Option<SourceRow> = sql::query_as(select).bind(name.as_str()).fetch_optional(&mut self.conn).await?;
        row.map(SourceRow::read).transpose()
    }

    /// Records whether a source is running without failure, and emits the status if that changed.
    pub(super) async fn set_running(&mut self, name: &SourceName, running: bool) -> Result<()> {
        // The WHERE clause avoids an event for each run that changes nothing.
        let upsert = sql::query(
            "INSERT INTO scraper_status (source, running, updated_at) VALUES ($1, $2, $3) \
             ON CONFLICT (source) DO UPDATE SET running = excluded.running, updated_at = excluded.updated_at \
             WHERE scraper_status.running <> excluded.running",
        );
        let upsert = upsert.bind(name.as_str()).bind(running).bind(micros(self.now));
        if upsert.execute(&mut self.conn).await?.rows_affected() > 0 {
            self.publish_status().await?;
        }
        Ok(())
    }

    async fn publish_status(&mut self) -> Result<()> {
        let (status, _) = status::read(&mut self.conn).await?;
        let payload = wire::ScraperStatus::new(&status, self.now);
        self.emit(NewEvent::of(Audience::ScraperStatus, &payload)?).await?;
        Ok(())
    }

    async fn sources_changed(&mut self, name: &SourceName) -> Result<()> {
        self.emit_control(EventKind::SourcesChanged, &json!({ "name": name })).await
    }
}

impl StoredSource {
    /// Returns the initial state of a source.
    fn stopped(name: SourceName, kind: String, settings: Value, now: Timestamp) -> Self {
        Self {
            name,
            kind,
            settings,
            running: false,
            terms_accepted_at: None,
            health: SourceHealth::stopped(now),
            run_asked: false,
            revision: 1,
            requests: 0,
            day: 0,
        }
    }
}

impl SourceRow {
    /// Returns its row; a new source has no lease.
    fn new(source: &StoredSource) -> Result<Self> {
        Ok(Self {
            name: source.name.as_str().to_owned(),
            kind: source.kind.clone(),
            settings: source.settings.to_string(),
            running: source.running,
            terms_accepted_at: source.terms_accepted_at.map(micros),
            health: written(&source.health)?,
            next_run_at: source.health.next_run_at.map(micros),
            run_asked: source.run_asked,
            revision: source.revision,
            day: source.day,
            requests: source.requests.into(),
            holder: 0,
            held_until: 0,
        })
    }

    pub(super) fn read(self) -> Result<StoredSource> {
        let unreadable = |error: serde_json::Error| StoreError::corrupt(format!("a source: {error}"));
        Ok(StoredSource {
            name: SourceName::parse(&self.name)?,
            kind: self.kind,
            settings: serde_json::from_str(&self.settings).map_err(unreadable)?,
            running: self.running,
            terms_accepted_at: self.terms_accepted_at.map(timestamp).transpose()?,
            health: serde_json::from_str(&self.health).map_err(unreadable)?,
            run_asked: self.run_asked,
            revision: self.revision,
            requests: u32::try_from(self.requests).unwrap_or(u32::MAX),
            day: self.day,
        })
    }
}

pub(super) fn written(health: &SourceHealth) -> Result<String> {
    serde_json::to_string(health).map_err(StoreError::corrupt)
}
