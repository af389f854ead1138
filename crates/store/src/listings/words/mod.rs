//! The full-text index of listings: what is written into it, and how it is asked.

mod fts5;
mod spelling;
mod terms;
mod text;
mod tsearch;

use superbot_domain::{Listing, PricePeriod, SourceName};
use superbot_matching::{Criteria, Expr, PriceRange, Term, tokens};

pub(crate) use self::spelling::{Spellings, check_merges};
use self::terms::{POWERS, amount_word, period_word, power, source_word};
use self::text::Column;
pub(crate) use self::text::Text;

use super::known::ListingRow;
use crate::error::Result;
use crate::sql::{self, Conn, Dialect, SelectRecord as _, chunks, sql_text};

/// Writes what the index is to know of listings, in place of what it knew.
pub(crate) async fn put(conn: &mut Conn, listings: &[&Listing]) -> Result<()> {
    let dialect = conn.dialect();
    for chunk in chunks(listings) {
        let insert = match dialect {
            Dialect::Sqlite => fts5::put(chunk),
            Dialect::Postgres => tsearch::put(chunk),
        };
        insert.execute(conn).await?;
    }
    Ok(())
}

impl Text {
    /// As the database wants it.
    pub(crate) fn written(&self, dialect: Dialect) -> String {
        let mut written = String::new();
        self.write(&dialect.pick(fts5::SYNTAX, tsearch::SYNTAX), &mut written);
        written
    }
}

/// Makes the index of the listings' words where a file has none.
pub(crate) async fn index_missing(conn: &mut Conn) -> Result<()> {
    sql::query("BEGIN IMMEDIATE").execute(conn).await?;
    // The words of listings are cut up here, not by SQL, so no migration could have done this.
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

/// Indexes all listings of a store that has no index: it was made before there was one, or is a backup.
async fn index_all(conn: &mut Conn) -> Result<()> {
    let mut after = Some(0);
    while let Some(listing) = after {
        after = index_batch(conn, listing).await?;
    }
    Ok(())
}

/// Indexes the next listings behind that one; the last of them, if there may be more.
pub async fn index_batch(conn: &mut Conn, after: i64) -> Result<Option<i64>> {
    const BATCH: usize = 1000;
    let select = format!("SELECT {} FROM listings WHERE id > $1 ORDER BY id LIMIT {BATCH}", ListingRow::COLUMNS);
    let rows: Vec<ListingRow> = sql::query_as(sqlx::AssertSqlSafe(select)).bind(after).fetch_all(conn).await?;
    let is_full = rows.len() == BATCH;
    let listings = rows.into_iter().map(|row| row.read().map(|known| known.listing)).collect::<Result<Vec<_>>>()?;
    put(conn, &listings.iter().collect::<Vec<_>>()).await?;
    Ok(listings.last().map(|last| last.id.get()).filter(|_| is_full))
}

/// Indexes at most `batch` listings before that one again, the newest first; the last of them, `None` where there is none.
pub(crate) async fn reindex_before(conn: &mut Conn, before: i64, batch: u32) -> Result<Option<i64>> {
    let select = sql_text!("SELECT ", ListingRow::COLUMNS, " FROM listings WHERE id < $1 ORDER BY id DESC LIMIT $2");
    let rows: Vec<ListingRow> = sql::query_as(select).bind(before).bind(batch).fetch_all(&mut *conn).await?;
    let listings = rows.into_iter().map(|row| row.read().map(|known| known.listing)).collect::<Result<Vec<_>>>()?;
    put(conn, &listings.iter().collect::<Vec<_>>()).await?;
    Ok(listings.last().map(|last| last.id.get()))
}

/// The last listing that is in the index, 0 when none is.
pub async fn last_indexed(conn: &mut Conn) -> Result<i64> {
    let last = conn.dialect().pick(
        "SELECT COALESCE(MAX(rowid), 0) FROM listing_words",
        "SELECT COALESCE(MAX(listing_id), 0) FROM listing_words",
    );
    Ok(sql::query_scalar(last).fetch_one(conn).await?)
}

/// The full-text query for listings that meet the criteria; for a price within limits only nearly, because the index
/// knows its power of two. `None` where there is nothing to ask for.
pub(crate) fn expression(criteria: &Criteria) -> Option<Text> {
    all([
        criteria.query.as_ref().map(|query| of_words(query.expr())),
        of_sources(&criteria.sources),
        of_price(&criteria.price, Rounding::Outward),
        criteria.location.as_deref().and_then(of_place),
    ])
}

/// All of these.
pub(crate) fn all(parts: impl IntoIterator<Item = Option<Text>>) -> Option<Text> {
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then_some(Text::All(parts))
}

pub(crate) fn of_words(expr: &Expr) -> Text {
    match expr {
        Expr::Term(Term { words, prefix }) => {
            Text::phrase(Column::Words, words.iter().map(ToString::to_string), *prefix)
        }
        Expr::All(parts) => {
            let (excluded, wanted): (Vec<_>, Vec<_>) = parts.iter().partition(|part| matches!(part, Expr::Not(_)));
            let wanted = Text::All(wanted.into_iter().map(of_words).collect());
            excluded.into_iter().fold(wanted, |wanted, excluded| wanted.without(of_words(excluded)))
        }
        Expr::Any(branches) => Text::Any(branches.iter().map(of_words).collect()),
        // What is left out of the whole it stands in.
        Expr::Not(excluded) => of_words(excluded),
    }
}

pub(crate) fn of_sources(sources: &[SourceName]) -> Option<Text> {
    any(Column::Source, sources.iter().map(source_word))
}

pub(crate) fn of_place(location: &str) -> Option<Text> {
    let word = |word: &String| Some(Text::phrase(Column::Place, [word.clone()], false));
    all(tokens(location).iter().map(word))
}

/// Where limits lie within a power of two, whether all of it counts or nothing.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Rounding {
    Outward,
    Inward,
}

pub(crate) fn of_price(range: &PriceRange, rounding: Rounding) -> Option<Text> {
    if range.admits_all() {
        return None;
    }
    let free = (range.include_free && range.min.unwrap_or(0) <= 0).then(|| "free".to_owned());
    if let (Some(per), false) = (range.per, range.is_bounded()) {
        return any(Column::Price, free.into_iter().chain([period_word(per)]));
    }
    let power_of = |limit: Option<i64>, end| limit.map_or(end, power);
    let (mut first, mut last) = (power_of(range.min, *POWERS.start()), power_of(range.max, *POWERS.end()));
    if rounding == Rounding::Inward {
        first += u32::from(range.min.is_some());
        last -= u32::from(range.max.is_some());
    }
    let words = (first..=last).map(|power| amount_word(range.currency, power, range.per)).chain(free);
    any(Column::Price, words).or_else(|| any(Column::Price, ["nothing".to_owned()].into_iter()))
}

/// Prices for that period.
pub(crate) fn of_period(per: PricePeriod) -> Text {
    Text::phrase(Column::Price, [period_word(per)], false)
}

fn any(column: Column, words: impl Iterator<Item = String>) -> Option<Text> {
    let words: Vec<Text> = words.map(|word| Text::phrase(column, [word], false)).collect();
    (!words.is_empty()).then_some(Text::Any(words))
}
