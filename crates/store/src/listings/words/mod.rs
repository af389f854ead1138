//! Full-text index of listings: contents and queries.

mod fts5;
mod phrases;
mod spelling;
mod terms;
mod text;
mod tsearch;

use superbot_domain::{Listing, PricePeriod, SourceName};
use superbot_matching::{Criteria, PriceRange};

pub(crate) use self::phrases::{is_indexed, of_place, of_words};
pub(crate) use self::spelling::{PrefixWords, check_merges};
use self::terms::{POWERS, amount_word, period_word, power, source_word};
use self::text::{TextColumn, any};
pub(crate) use self::text::{WordCondition, all};

use super::known::ListingRow;
use crate::error::Result;
use crate::sql::{self, SelectRecord as _, SqlConn, SqlDialect, chunks, sql_text};

/// Replaces the index entries of listings.
pub(crate) async fn put(conn: &mut SqlConn, listings: &[&Listing]) -> Result<()> {
    match conn.dialect() {
        SqlDialect::Sqlite => {
            // FTS5 collects the entries of a transaction in memory and adds them to the index as one part, to be merged with others
            // later; an entry that is out of order, and each statement of several rows, begins a new part.
            let mut ascending = listings.to_vec();
            ascending.sort_unstable_by_key(|listing| listing.id);
            for listing in ascending {
                fts5::put(listing).execute(conn).await?;
            }
        }
        SqlDialect::Postgres => {
            for chunk in chunks(listings) {
                tsearch::put(chunk).execute(conn).await?;
            }
        }
    }
    Ok(())
}

impl WordCondition {
    /// Renders the query in the syntax of the database.
    pub(crate) fn written(&self, dialect: SqlDialect) -> String {
        let mut written = String::new();
        self.write(&dialect.pick(fts5::SYNTAX, tsearch::SYNTAX), &mut written);
        written
    }
}

/// Builds the full-text index of an SQLite file that has none.
pub(crate) async fn index_missing(conn: &mut SqlConn) -> Result<()> {
    sql::query("BEGIN IMMEDIATE").execute(conn).await?;
    // Tokenization is done here, not in SQL, so a migration could not build the index.
    let unindexed: bool = sql::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM listings) AND NOT EXISTS (SELECT rowid FROM listing_words LIMIT 1)",
    )
    .fetch_one(conn)
    .await?;
    if unindexed {
        index_all(conn).await?;
    }
    Ok(sql::query("COMMIT").execute(conn).await.map(drop)?)
}

/// Indexes all listings of a store without an index: one from before the index existed, or a backup.
async fn index_all(conn: &mut SqlConn) -> Result<()> {
    let mut after = Some(0);
    while let Some(listing) = after {
        after = index_batch(conn, listing).await?;
    }
    Ok(())
}

/// Indexes the next batch of listings with ids above `after`. Returns the last id if there may be more.
pub async fn index_batch(conn: &mut SqlConn, after: i64) -> Result<Option<i64>> {
    const BATCH: usize = 1000;
    let select = format!("SELECT {} FROM listings WHERE id > $1 ORDER BY id LIMIT {BATCH}", ListingRow::COLUMNS);
    let rows: Vec<ListingRow> = sql::query_as(sqlx::AssertSqlSafe(select)).bind(after).fetch_all(conn).await?;
    let is_full = rows.len() == BATCH;
    let listings = rows.into_iter().map(|row| row.read().map(|known| known.listing)).collect::<Result<Vec<_>>>()?;
    put(conn, &listings.iter().collect::<Vec<_>>()).await?;
    Ok(listings.last().map(|last| last.id.get()).filter(|_| is_full))
}

/// Indexes at most `batch` listings before that one again, the newest first; the last of them, `None` where there is none.
pub(crate) async fn reindex_before(conn: &mut SqlConn, before: i64, batch: u32) -> Result<Option<i64>> {
    let select = sql_text!("SELECT ", ListingRow::COLUMNS, " FROM listings WHERE id < $1 ORDER BY id DESC LIMIT $2");
    let rows: Vec<ListingRow> = sql::query_as(select).bind(before).bind(batch).fetch_all(&mut *conn).await?;
    let listings = rows.into_iter().map(|row| row.read().map(|known| known.listing)).collect::<Result<Vec<_>>>()?;
    put(conn, &listings.iter().collect::<Vec<_>>()).await?;
    Ok(listings.last().map(|last| last.id.get()))
}

/// Returns the highest listing id in the index, 0 if it is empty.
pub async fn last_indexed(conn: &mut SqlConn) -> Result<i64> {
    let last = conn.dialect().pick(
        "SELECT COALESCE(MAX(rowid), 0) FROM listing_words",
        "SELECT COALESCE(MAX(listing_id), 0) FROM listing_words",
    );
    Ok(sql::query_scalar(last).fetch_one(conn).await?)
}

/// The full-text query for listings that meet the criteria; for a price within limits only nearly, because the index
/// knows its power of two, and for words only as far as they are indexed. `None` where there is nothing to ask for.
pub(crate) fn expression(criteria: &Criteria) -> Option<WordCondition> {
    all([
        criteria.query.as_ref().and_then(|query| of_words(query.expr())),
        of_sources(&criteria.sources),
        of_price(&criteria.price, LimitRounding::Outward),
        criteria.location.as_deref().and_then(of_place),
    ])
}

pub(crate) fn of_sources(sources: &[SourceName]) -> Option<WordCondition> {
    any(TextColumn::Source, sources.iter().map(source_word))
}

/// Where limits lie within a power of two, whether all of it counts or nothing.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum LimitRounding {
    Outward,
    Inward,
}

pub(crate) fn of_price(range: &PriceRange, rounding: LimitRounding) -> Option<WordCondition> {
    if range.admits_all() {
        return None;
    }
    let free = (range.include_free && range.min.unwrap_or(0) <= 0).then(|| "free".to_owned());
    if let (Some(per), false) = (range.per, range.is_bounded()) {
        return any(TextColumn::Price, free.into_iter().chain([period_word(per)]));
    }
    let power_of = |limit: Option<i64>, end| limit.map_or(end, power);
    let mut first = power_of(range.min, *POWERS.start());
    let mut last = power_of(range.max, *POWERS.end());
    if rounding == LimitRounding::Inward {
        first += u32::from(range.min.is_some());
        last -= u32::from(range.max.is_some());
    }
    let words = (first..=last).map(|power| amount_word(range.currency, power, range.per)).chain(free);
    // A range without any indexed word matches nothing, which a word that never occurs expresses.
    any(TextColumn::Price, words).or_else(|| any(TextColumn::Price, ["nothing".to_owned()].into_iter()))
}

/// Prices for that period.
pub(crate) fn of_period(per: PricePeriod) -> WordCondition {
    WordCondition::phrase(TextColumn::Price, [period_word(per)], false)
}
