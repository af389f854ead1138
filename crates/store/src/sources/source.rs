//! How sources are set up and changed.

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

/// A place that listings are read from.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredSource {
    /// Its name, which its listings bear.
    pub name: SourceName,
    /// The adapter that reads its pages.
    pub kind: String,
    /// How it is set up, a JSON object.
    pub settings: Value,
    /// Whether it is to run.
    pub running: bool,
    /// When somebody said that they had read the site's terms.
    pub terms_accepted_at: Option<Timestamp>,
    /// How it fares.
    pub health: SourceHealth,
    /// Whether somebody wants it to run at once.
    pub run_asked: bool,
    /// Grows with every change that somebody makes.
    pub revision: i64,
    /// How many requests it has made on the day of its last one.
    pub requests: u32,
    /// That day, in UTC, counted from 1970.
    pub day: i64,
}

/// What somebody changes of a source.
#[derive(Clone, Debug, Default)]
pub struct SourceChange {
    /// How it is set up from now on.
    pub settings: Option<Value>,
    /// Whether it is to run.
    pub running: Option<bool>,
    /// That the site's terms have been read.
    pub accept_terms: bool,
    /// That it is to run at once, if it is to run at all.
    pub run: bool,
}

/// A row of `sources`.
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
    /// The health's, by which sources that are due are found.
    #[record(no_select, update)]
    next_run_at: Option<i64>,
    #[record(update)]
    run_asked: bool,
    #[record(update)]
    revision: i64,
    /// Counted while the source runs, as are the requests.
    day: i64,
    requests: i64,
    /// The process that runs it.
    #[record(no_select)]
    holder: i64,
    #[record(no_select)]
    held_until: i64,
}

/// Each costs a task and a little memory.
const MAX_SOURCES: i64 = 500;

impl SourceStore<'_> {
    /// Every source, in the order of their names.
    pub async fn list(self) -> Result<Vec<StoredSource>> {
        let select = sql_text!("SELECT ", SourceRow::COLUMNS, " FROM sources ORDER BY name");
        let rows: Vec<SourceRow> = sql::query_as(select).fetch_all(&mut self.store.reader().await?).await?;
        rows.into_iter().map(SourceRow::read).collect()
    }

    /// The source of that name.
    pub async fn get(self, name: &SourceName) -> Result<Option<StoredSource>> {
        let select = sql_text!("SELECT ", SourceRow::COLUMNS, " FROM sources WHERE name = $1");
        let row: Option<SourceRow> =
            sql::query_as(select).bind(name.as_str()).fetch_optional(&mut self.store.reader().await?).await?;
        row.map(SourceRow::read).transpose()
    }

    /// Makes a source, stopped.
    pub async fn create(self, name: &SourceName, kind: &str, settings: &Value) -> Result<StoredSource> {
        let name = name.clone();
        let kind = kind.to_owned();
        let settings = settings.clone();
        self.store
            .write(async move |tx| {
                // Clients read the status with the names as fields.
                if !ScraperStates::initial().set(name.clone(), false) {
                    return Err(InvalidFields::one("name", format!("{name} can be no source's name")).into());
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

    /// Changes a source; `None` where there is none of that name.
    pub async fn update(self, name: &SourceName, change: SourceChange) -> Result<Option<StoredSource>> {
        let name = name.clone();
        self.store
            .write(async move |tx| {
                let Some(mut source) = tx.source(&name).await? else { return Ok(None) };
                let starts = change.running == Some(true) && !source.running;
                let stops = change.running == Some(false) && source.running;
                source.running = change.running.unwrap_or(source.running);
                // As it is now it has to show anew how it fares.
                if starts || (source.running && change.settings.is_some()) {
                    source.health = source.health.started(tx.now);
                } else if stops {
                    source.health = source.health.ended(tx.now);
                }
                source.settings = change.settings.unwrap_or(source.settings);
                source.run_asked = source.running && (source.run_asked || change.run);
                source.terms_accepted_at = source.terms_accepted_at.or(change.accept_terms.then_some(tx.now));
                source.revision += 1;
                SourceRow::new(&source)?.update().build().execute(&mut tx.conn).await?;
                tx.set_running(&name, source.health.state.is_good()).await?;
                tx.sources_changed(&name).await?;
                Ok(Some(source))
            })
            .await
    }

    /// Forgets a source, not its listings; false where there is none of that name.
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

    /// Notes whether a source runs and does not fail, and tells it if that is new.
    pub(super) async fn set_running(&mut self, name: &SourceName, running: bool) -> Result<()> {
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
    /// A source as it is made.
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
    /// Its row; a source that is inserted is run by no process yet.
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
