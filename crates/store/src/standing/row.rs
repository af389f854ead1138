//! A standing query as it is stored.

use superbot_domain::{
    AlertType, Cadence, Currency, Invalid, Money, NewPriceAlert, NewSavedSearch, PriceAlert, SavedSearch, SourceName,
    Standing, Timestamp, UserId,
};
use superbot_matching::{Criteria, PriceRange, Query, QueryError};
use tokio::sync::mpsc;

use crate::error::{Result, StoreError};
use crate::rows::{currency, micros, timestamp};
use crate::sql::{self, Conn, Record, SelectRecord as _, UpdateRecord as _, sql_text};
use crate::tx::Tx;

/// The two kinds of standing queries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryKind {
    /// One limit on the price; every further drop is told.
    PriceAlert,
    /// Told as often as its user wants; a listing counts once.
    SavedSearch,
}

pub(super) const COLUMNS: &str = Row::COLUMNS;
pub(super) const ASKED: &str = Asked::COLUMNS;

/// Queries that are not paused, nor their users disabled.
pub(crate) const LIVE: &str =
    "active AND EXISTS (SELECT 1 FROM users WHERE users.id = standing_queries.user_id AND NOT disabled)";

/// What is read of a row of `standing_queries`.
#[derive(Clone, Record)]
pub(super) struct Row {
    #[record(nested)]
    asked: Asked,
    pub(super) user_id: i64,
    kind: String,
    name: String,
    pub(super) tells: bool,
    pub(super) quiet_minutes: i64,
    active: bool,
    since: i64,
    #[record(select = "(SELECT told_at FROM told_queries WHERE query_id = standing_queries.id)")]
    pub(super) told_at: Option<i64>,
    created_at: i64,
    updated_at: i64,
}

/// What a standing query asks of a listing; all that the index wants to know.
#[derive(Clone, Record, serde::Deserialize)]
pub(super) struct Asked {
    pub(super) id: i64,
    keywords: String,
    currency: String,
    min_minor: Option<i64>,
    max_minor: Option<i64>,
    include_free: bool,
    sources: String,
    location: Option<String>,
}

/// What is written of a row of `standing_queries`.
#[derive(Record)]
#[record(table = "standing_queries")]
struct WrittenRow {
    /// Given by the database.
    #[record(key, no_insert)]
    id: i64,
    user_id: i64,
    kind: String,
    #[record(update)]
    name: String,
    #[record(update)]
    keywords: String,
    #[record(update)]
    currency: String,
    #[record(update)]
    min_minor: Option<i64>,
    #[record(update)]
    max_minor: Option<i64>,
    #[record(update)]
    include_free: bool,
    #[record(update)]
    sources: String,
    #[record(update)]
    location: Option<String>,
    #[record(update)]
    tells: bool,
    #[record(update)]
    quiet_minutes: i64,
    active: bool,
    created_at: i64,
    #[record(update)]
    updated_at: i64,
    #[record(update)]
    since: i64,
}

/// What a user asks for, in the columns of either kind.
pub(crate) struct Wants {
    pub(super) kind: QueryKind,
    pub(super) name: String,
    pub(super) keywords: String,
    pub(super) currency: Currency,
    pub(super) min_minor: Option<i64>,
    pub(super) max_minor: Option<i64>,
    include_free: bool,
    pub(super) sources: String,
    pub(super) location: Option<String>,
    tells: bool,
    quiet_minutes: u32,
}

impl QueryKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::PriceAlert, Self::SavedSearch];

    /// The name of the worker that looks after its queries.
    pub const fn worker(self) -> &'static str {
        match self {
            Self::PriceAlert => "price-alerts",
            Self::SavedSearch => "saved-searches",
        }
    }

    /// Its name in rows, and the type of its notifications.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PriceAlert => "price_alert",
            Self::SavedSearch => "saved_search",
        }
    }
}

impl From<&NewPriceAlert> for Wants {
    fn from(alert: &NewPriceAlert) -> Self {
        let limit = |side| (alert.alert_type == side).then_some(alert.threshold.minor);
        Self {
            kind: QueryKind::PriceAlert,
            name: String::new(),
            keywords: alert.keywords.clone(),
            currency: alert.threshold.currency,
            min_minor: limit(AlertType::Over),
            max_minor: limit(AlertType::Under),
            include_free: alert.include_free,
            sources: written(&alert.sources),
            location: None,
            tells: true,
            quiet_minutes: alert.cooldown_minutes,
        }
    }
}

impl From<&NewSavedSearch> for Wants {
    fn from(search: &NewSavedSearch) -> Self {
        Self {
            kind: QueryKind::SavedSearch,
            name: search.name.clone(),
            keywords: search.keywords.clone(),
            currency: search.currency,
            min_minor: search.min_price.map(|money| money.minor),
            max_minor: search.max_price.map(|money| money.minor),
            include_free: search.include_free,
            sources: written(&search.sources),
            location: search.location.clone(),
            tells: search.notify_new,
            quiet_minutes: search.cadence.minutes(),
        }
    }
}

impl Row {
    pub(super) fn is_alert(&self) -> bool {
        self.kind == QueryKind::PriceAlert.as_str()
    }

    /// Whether it is not paused.
    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    pub(super) fn kind(&self) -> QueryKind {
        if self.is_alert() { QueryKind::PriceAlert } else { QueryKind::SavedSearch }
    }

    /// What its user calls it, where it has a name.
    pub(super) fn name(&self) -> Option<&str> {
        Some(&*self.name).filter(|name| !name.is_empty())
    }

    pub(super) fn keywords(&self) -> &str {
        &self.asked.keywords
    }

    pub(super) fn standing(&self) -> Standing {
        Standing { since: self.since, tells_drops: self.is_alert() }
    }

    pub(super) fn id(&self) -> i64 {
        self.asked.id
    }

    pub(super) fn range(&self) -> Result<PriceRange> {
        self.asked.range()
    }

    pub(super) fn criteria(&self) -> Result<Criteria> {
        self.asked.criteria()
    }

    pub(super) fn into_alert(self) -> Result<PriceAlert> {
        let currency = currency(&self.asked.currency)?;
        let (alert_type, minor) = match (self.asked.max_minor, self.asked.min_minor) {
            (Some(minor), _) => (AlertType::Under, minor),
            (None, Some(minor)) => (AlertType::Over, minor),
            (None, None) => return Err(StoreError::Corrupt(format!("price alert {} has no threshold", self.asked.id))),
        };
        let wants = NewPriceAlert {
            keywords: self.asked.keywords,
            threshold: Money { minor, currency },
            alert_type,
            include_free: self.asked.include_free,
            cooldown_minutes: u32::try_from(self.quiet_minutes).unwrap_or(0),
            sources: read(&self.asked.sources)?,
        };
        Ok(PriceAlert {
            id: self.asked.id.into(),
            wants,
            active: self.active,
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
            last_told_at: self.told_at.map(timestamp).transpose()?,
        })
    }

    pub(super) fn into_search(self) -> Result<SavedSearch> {
        let currency = currency(&self.asked.currency)?;
        let money = |minor: Option<i64>| minor.map(|minor| Money { minor, currency });
        let cadence = Cadence::ALL.into_iter().find(|cadence| i64::from(cadence.minutes()) == self.quiet_minutes);
        let wants = NewSavedSearch {
            name: self.name,
            keywords: self.asked.keywords,
            currency,
            min_price: money(self.asked.min_minor),
            max_price: money(self.asked.max_minor),
            include_free: self.asked.include_free,
            sources: read(&self.asked.sources)?,
            location: self.asked.location,
            notify_new: self.tells,
            cadence: cadence
                .ok_or_else(|| StoreError::Corrupt(format!("the cadence of saved search {}", self.asked.id)))?,
        };
        Ok(SavedSearch {
            id: self.asked.id.into(),
            wants,
            created_at: timestamp(self.created_at)?,
            updated_at: timestamp(self.updated_at)?,
            last_told_at: self.told_at.map(timestamp).transpose()?,
        })
    }
}

impl Asked {
    fn range(&self) -> Result<PriceRange> {
        let currency = currency(&self.currency)?;
        Ok(PriceRange { currency, min: self.min_minor, max: self.max_minor, include_free: self.include_free })
    }

    pub(super) fn criteria(&self) -> Result<Criteria> {
        let query = parse(&self.keywords).map_err(|error| StoreError::Corrupt(format!("keywords: {error}")))?;
        Ok(Criteria { query, price: self.range()?, sources: read(&self.sources)?, location: self.location.clone() })
    }
}

impl Wants {
    /// What tells it from what else its user asks for.
    pub(super) fn identity(&self) -> String {
        let (name, keywords, place) = (&self.name, &self.keywords, &self.location);
        format!("{name:?} {keywords:?} {} {:?} {:?} {place:?}", self.sources, self.min_minor, self.max_minor)
    }

    /// What it asks of a listing; refuses keywords that make no sense, and what would find nearly everything.
    pub(crate) fn check(&self) -> Result<Criteria> {
        let query = parse(&self.keywords).map_err(|error| Invalid::one("keywords", error.to_string()))?;
        let price = PriceRange {
            currency: self.currency,
            min: self.min_minor,
            max: self.max_minor,
            include_free: self.include_free,
        };
        if query.is_none() && (!price.is_bounded() || self.sources.is_empty()) {
            let message = "are missing; without any, give a limit on the price and at least one source";
            return Err(Invalid::one("keywords", message).into());
        }
        Ok(Criteria { query, price, sources: read(&self.sources)?, location: self.location.clone() })
    }

    /// Its row as of now, which looks only at price points to come.
    fn row(&self, tx: &Tx, id: i64, user_id: i64) -> WrittenRow {
        WrittenRow {
            id,
            user_id,
            kind: self.kind.as_str().to_owned(),
            name: self.name.clone(),
            keywords: self.keywords.clone(),
            currency: self.currency.as_str().to_owned(),
            min_minor: self.min_minor,
            max_minor: self.max_minor,
            include_free: self.include_free,
            sources: self.sources.clone(),
            location: self.location.clone(),
            tells: self.tells,
            quiet_minutes: self.quiet_minutes.into(),
            active: true,
            created_at: micros(tx.now),
            updated_at: micros(tx.now),
            since: tx.numbers.price_point,
        }
    }
}

/// Keywords, where there are any.
fn parse(keywords: &str) -> Result<Option<Query>, QueryError> {
    if keywords.is_empty() { Ok(None) } else { Query::parse(keywords).map(Some) }
}

/// Hands what all queries ask, of one kind or of both, to work that computes on a thread of its own while more are read.
pub(super) async fn over_all_asked<T: Send + 'static>(
    conn: &mut Conn,
    kind: Option<QueryKind>,
    work: impl FnOnce(&mut dyn Iterator<Item = Asked>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (batches, mut queue) = mpsc::channel::<Vec<Asked>>(4);
    let working =
        tokio::task::spawn_blocking(move || work(&mut std::iter::from_fn(|| queue.blocking_recv()).flatten()));
    let mut after = Some(0);
    while let Some(id) = after {
        let batch = next_asked(conn, kind, id).await?;
        after = batch.last().map(|asked| asked.id);
        // The work has ended early where something cannot be read, and says why.
        if batches.send(batch).await.is_err() {
            break;
        }
    }
    drop(batches);
    working.await.map_err(|error| StoreError::Corrupt(error.to_string()))?
}

/// What the next queries ask, in the order of their numbers; of one kind, or of both. None are left when it is empty.
///
/// They come as one text: to hand a row over costs far more than to read it.
async fn next_asked(conn: &mut Conn, kind: Option<QueryKind>, after: i64) -> Result<Vec<Asked>> {
    const BATCH: usize = 2_000;
    let (dialect, columns) = (conn.dialect(), Asked::COLUMNS);
    let array = sql::json_array(dialect, Asked::SELECTED);
    let as_text = dialect.pick(format!("json_group_array({array})"), format!("json_agg({array} ORDER BY id)::text"));
    let sql = format!(
        "SELECT COALESCE({as_text}, '[]') FROM (SELECT {columns} FROM standing_queries \
         WHERE {LIVE} AND id > $1 AND ($2 IS NULL OR kind = $2) ORDER BY id LIMIT {BATCH}) AS asked"
    );
    let select = sql::query_scalar(sqlx::AssertSqlSafe(sql)).bind(after).bind(kind.map(QueryKind::as_str));
    let text: String = select.fetch_one(conn).await?;
    serde_json::from_str(&text).map_err(|error| StoreError::Corrupt(format!("standing queries: {error}")))
}

pub(super) async fn find(conn: &mut Conn, user: UserId, kind: QueryKind, id: i64) -> Result<Option<Row>> {
    let sql = sql_text!("SELECT ", Row::COLUMNS, " FROM standing_queries WHERE id = $1 AND user_id = $2 AND kind = $3");
    let select = sql::query_as(sql).bind(id).bind(user.get()).bind(kind.as_str());
    Ok(select.fetch_optional(conn).await?)
}

pub(super) async fn insert(
    tx: &mut Tx,
    user: UserId,
    wants: &Wants,
    active: bool,
    created_at: Timestamp,
) -> Result<Row> {
    let row = WrittenRow { created_at: micros(created_at), active, ..wants.row(tx, 0, user.get()) };
    let mut insert = sql::insert([row]);
    insert.push(" RETURNING ").push(Row::COLUMNS);
    Ok(insert.build_query_as().fetch_one(&mut tx.conn).await?)
}

pub(super) async fn update(tx: &mut Tx, id: i64, wants: &Wants) -> Result<()> {
    wants.row(tx, id, 0).update().build().execute(&mut tx.conn).await?;
    Ok(())
}

/// Names of sources hold no spaces.
fn written(sources: &[SourceName]) -> String {
    sources.iter().map(SourceName::as_str).collect::<Vec<_>>().join(" ")
}

fn read(sources: &str) -> Result<Vec<SourceName>> {
    Ok(sources.split_whitespace().map(SourceName::parse).collect::<Result<_, _>>()?)
}
