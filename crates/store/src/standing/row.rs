//! A standing query as it is stored.

use superbot_domain::{
    Invalid, QueryKind, QueryParts, SourceName, Standing, StandingQuery, StoredQuery, Timestamp, UserId,
};
use superbot_matching::{Criteria, PriceRange, Query, QueryError, normalised};
use tokio::sync::mpsc;

use crate::error::{Result, StoreError, wrong_keywords};
use crate::first_reader::first_normalised;
use crate::rows::{currency, micros, period, timestamp};
use crate::sql::{self, Conn, Record, SelectRecord as _, UpdateRecord as _, sql_text};
use crate::tx::Tx;

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
    /// Its words as the reader cut them when it was saved; `None` where that was the first version of the reader.
    read_as: Option<String>,
}

/// What a standing query asks of a listing; all that the index wants to know.
#[derive(Clone, Record, serde::Deserialize)]
pub(super) struct Asked {
    pub(super) id: i64,
    keywords: String,
    currency: String,
    min_minor: Option<i64>,
    max_minor: Option<i64>,
    price_per: Option<String>,
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
    price_per: Option<String>,
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
    #[record(update)]
    active: bool,
    created_at: i64,
    #[record(update)]
    updated_at: i64,
    #[record(update)]
    since: i64,
    #[record(update)]
    read_as: Option<String>,
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

    pub(super) fn into_query<Q: StandingQuery>(self) -> Result<StoredQuery<Q>> {
        let id = self.id();
        let (created_at, updated_at) = (timestamp(self.created_at)?, timestamp(self.updated_at)?);
        let last_told_at = self.told_at.map(timestamp).transpose()?;
        let keywords = self.keywords();
        let is_read_differently = match &self.read_as {
            Some(read_as) => *read_as != normalised(keywords),
            None => first_normalised(keywords) != normalised(keywords),
        };
        let wants = Q::from_parts(self.into_parts()?)
            .ok_or_else(|| StoreError::corrupt(format!("standing query {id} is no {}", Q::KIND.as_str())))?;
        Ok(StoredQuery { id: id.into(), wants, created_at, updated_at, last_told_at, is_read_differently })
    }

    fn into_parts(self) -> Result<QueryParts> {
        Ok(QueryParts {
            kind: self.kind(),
            name: self.name,
            keywords: self.asked.keywords,
            currency: currency(&self.asked.currency)?,
            min_minor: self.asked.min_minor,
            max_minor: self.asked.max_minor,
            price_per: period(self.asked.price_per.as_deref())?,
            include_free: self.asked.include_free,
            sources: read(&self.asked.sources)?,
            location: self.asked.location,
            tells: self.tells,
            quiet_minutes: u32::try_from(self.quiet_minutes).unwrap_or(0),
            active: self.active,
        })
    }
}

impl Asked {
    fn range(&self) -> Result<PriceRange> {
        let (currency, per) = (currency(&self.currency)?, period(self.price_per.as_deref())?);
        Ok(PriceRange { currency, min: self.min_minor, max: self.max_minor, per, include_free: self.include_free })
    }

    pub(super) fn criteria(&self) -> Result<Criteria> {
        let query = parse(&self.keywords).map_err(|error| StoreError::corrupt(format!("keywords: {error}")))?;
        Ok(Criteria { query, price: self.range()?, sources: read(&self.sources)?, location: self.location.clone() })
    }
}

/// What a query asks of a listing.
///
/// # Errors
/// Keywords that make no sense, and a query that would match nearly everything.
pub(crate) fn criteria_of(parts: &QueryParts) -> Result<Criteria> {
    let query = parse(&parts.keywords).map_err(|error| wrong_keywords("keywords", &error))?;
    let price = PriceRange {
        currency: parts.currency,
        min: parts.min_minor,
        max: parts.max_minor,
        per: parts.price_per,
        include_free: parts.include_free,
    };
    if query.is_none() && (!price.is_bounded() || parts.sources.is_empty()) {
        let message = "are missing; without any, give a limit on the price and at least one source";
        return Err(Invalid::one("keywords", message).into());
    }
    Ok(Criteria { query, price, sources: parts.sources.clone(), location: parts.location.clone() })
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
    working.await.map_err(StoreError::corrupt)?
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
    serde_json::from_str(&text).map_err(|error| StoreError::corrupt(format!("standing queries: {error}")))
}

pub(super) async fn find(conn: &mut Conn, user: UserId, kind: QueryKind, id: i64) -> Result<Option<Row>> {
    let sql = sql_text!("SELECT ", Row::COLUMNS, " FROM standing_queries WHERE id = $1 AND user_id = $2 AND kind = $3");
    let select = sql::query_as(sql).bind(id).bind(user.get()).bind(kind.as_str());
    Ok(select.fetch_optional(conn).await?)
}

pub(super) async fn insert(tx: &mut Tx, user: UserId, parts: &QueryParts, created_at: Timestamp) -> Result<Row> {
    let row = WrittenRow { user_id: user.get(), created_at: micros(created_at), ..written_row(tx, parts) };
    let mut insert = sql::insert([row]);
    insert.push(" RETURNING ").push(Row::COLUMNS);
    Ok(insert.build_query_as().fetch_one(&mut tx.conn).await?)
}

/// Replaces a query. It applies, as it is now, to what comes in from now on.
pub(super) async fn update(tx: &mut Tx, id: i64, parts: &QueryParts) -> Result<()> {
    let row = WrittenRow { id, ..written_row(tx, parts) };
    row.update().build().execute(&mut tx.conn).await?;
    Ok(())
}

/// Pauses a query, or resumes it for what comes in from now on.
pub(super) async fn set_active(tx: &mut Tx, id: i64, active: bool) -> Result<()> {
    let update = sql::query("UPDATE standing_queries SET active = $1, updated_at = $2, since = $3 WHERE id = $4");
    let update = update.bind(active).bind(micros(tx.now)).bind(tx.numbers.price_point).bind(id);
    update.execute(&mut tx.conn).await?;
    Ok(())
}

/// The row of a query as of now, which looks only at price points to come; without what identifies it.
fn written_row(tx: &Tx, parts: &QueryParts) -> WrittenRow {
    WrittenRow {
        id: 0,
        user_id: 0,
        kind: parts.kind.as_str().to_owned(),
        name: parts.name.clone(),
        keywords: parts.keywords.clone(),
        currency: parts.currency.as_str().to_owned(),
        min_minor: parts.min_minor,
        max_minor: parts.max_minor,
        price_per: parts.price_per.map(|per| per.as_str().to_owned()),
        include_free: parts.include_free,
        sources: written(&parts.sources),
        location: parts.location.clone(),
        tells: parts.tells,
        quiet_minutes: parts.quiet_minutes.into(),
        active: parts.active,
        created_at: micros(tx.now),
        updated_at: micros(tx.now),
        since: tx.numbers.price_point,
        read_as: Some(normalised(&parts.keywords)),
    }
}

/// Names of sources hold no spaces.
pub(super) fn written(sources: &[SourceName]) -> String {
    sources.iter().map(SourceName::as_str).collect::<Vec<_>>().join(" ")
}

fn read(sources: &str) -> Result<Vec<SourceName>> {
    Ok(sources.split_whitespace().map(SourceName::parse).collect::<Result<_, _>>()?)
}
