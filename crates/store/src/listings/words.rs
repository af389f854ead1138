//! The full-text index of listings: what is written into it, and how it is asked.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use sqlx::SqliteConnection;
use superbot_domain::{Currency, Listing, Price, SourceName};
use superbot_matching::{Criteria, Expr, PriceRange, Term, normalised, tokens};

use super::known::{COLUMNS, ListingRow};
use crate::Result;
use crate::sqlite::{Script, chunks};

/// Prices are indexed by their power of two; what is lower or higher than these counts as these. 0.64 to 21 million dollars.
const POWERS: RangeInclusive<u32> = 6..=31;

/// Writes what the index is to know of listings, in place of what it knew.
pub(super) fn put(script: &mut Script, listings: &[&Listing]) {
    for chunk in chunks(listings) {
        let insert = script
            .begin(chunk.len())
            .push("INSERT OR REPLACE INTO listing_words (rowid, title, description, place, source, price) ");
        insert.push_values(chunk, |mut row, listing| {
            row.push_bind(listing.id.get()).push_bind(normalised(&listing.title));
            row.push_bind(normalised(listing.description.as_deref().unwrap_or_default()));
            row.push_bind(normalised(listing.location.as_deref().unwrap_or_default()));
            row.push_bind(source_word(&listing.source)).push_bind(price_word(listing.price));
        });
    }
}

/// Indexes all listings of a store that was made before there was an index.
pub(crate) async fn index_all(conn: &mut SqliteConnection) -> Result<()> {
    const BATCH: usize = 1000;
    let select = format!("SELECT {COLUMNS} FROM listings WHERE id > $1 ORDER BY id LIMIT {BATCH}");
    let (mut after, mut full) = (0, true);
    while full {
        let rows = sqlx::query_as(sqlx::AssertSqlSafe(select.clone())).bind(after);
        let rows: Vec<ListingRow> = rows.fetch_all(&mut *conn).await?;
        full = rows.len() == BATCH;
        let listings = rows.into_iter().map(|row| row.read().map(|known| known.listing)).collect::<Result<Vec<_>>>()?;
        after = listings.last().map_or(after, |last| last.id.get());
        let mut script = Script::default();
        put(&mut script, &listings.iter().collect::<Vec<_>>());
        script.run(&mut *conn).await?;
    }
    Ok(())
}

/// The full-text query for listings that meet the criteria; for a price within limits only nearly, because the index
/// knows its power of two. `None` where there is nothing to ask for.
pub(crate) fn expression(criteria: &Criteria) -> Option<String> {
    all([
        criteria.query.as_ref().map(|query| words_expression(query.expr())),
        sources_expression(&criteria.sources),
        price_expression(&criteria.price, Rounding::Outward),
        criteria.location.as_deref().and_then(place_expression),
    ])
}

/// All of these.
pub(crate) fn all(parts: impl IntoIterator<Item = Option<String>>) -> Option<String> {
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

pub(crate) fn words_expression(expr: &Expr) -> String {
    format!("{{title description}} : {}", of_words(expr))
}

fn of_words(expr: &Expr) -> String {
    let joined = |parts: &mut dyn Iterator<Item = &Expr>, by| parts.map(of_words).collect::<Vec<_>>().join(by);
    match expr {
        Expr::Term(Term { words, prefix }) => {
            format!("\"{}\"{}", words.join(" "), if *prefix { " *" } else { "" })
        }
        Expr::All(parts) => {
            let is_excluded = |part: &&Expr| matches!(part, Expr::Not(_));
            let wanted = joined(&mut parts.iter().filter(|part| !is_excluded(part)), " AND ");
            let excluded = parts.iter().filter(is_excluded).map(of_words).collect::<Vec<_>>().concat();
            format!("(({wanted}){excluded})")
        }
        Expr::Any(branches) => format!("({})", joined(&mut branches.iter(), " OR ")),
        Expr::Not(excluded) => format!(" NOT {}", of_words(excluded)),
    }
}

pub(crate) fn sources_expression(sources: &[SourceName]) -> Option<String> {
    any("source", sources.iter().map(source_word))
}

pub(crate) fn place_expression(location: &str) -> Option<String> {
    all(tokens(location).iter().map(|word| Some(format!("place : \"{word}\""))))
}

/// Where limits lie within a power of two, whether all of it counts or nothing.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Rounding {
    Outward,
    Inward,
}

pub(crate) fn price_expression(range: &PriceRange, rounding: Rounding) -> Option<String> {
    if !range.is_bounded() {
        return None;
    }
    let power_of = |limit: Option<i64>, end| limit.map_or(end, power);
    let (mut first, mut last) = (power_of(range.min, *POWERS.start()), power_of(range.max, *POWERS.end()));
    if rounding == Rounding::Inward {
        first += u32::from(range.min.is_some());
        last -= u32::from(range.max.is_some());
    }
    let free = range.include_free && range.min.unwrap_or(0) <= 0;
    let amounts = (first..=last).map(|power| amount_word(range.currency, power));
    any("price", amounts.chain(free.then(|| "free".to_owned()))).or_else(|| Some("price : \"nothing\"".to_owned()))
}

fn any(column: &str, words: impl Iterator<Item = String>) -> Option<String> {
    let mut expression = String::new();
    for word in words {
        let before = if expression.is_empty() { format!("{column} : (") } else { " OR ".to_owned() };
        let _ = write!(expression, "{before}\"{word}\"");
    }
    (!expression.is_empty()).then(|| expression + ")")
}

/// The source's name as one word: what is neither letter nor digit becomes its wide twin, which separates nothing.
fn source_word(source: &SourceName) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c);
    source.as_str().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { wide(c) }).collect()
}

/// The price as a word, for those that can be within limits.
fn price_word(price: Price) -> String {
    match price {
        Price::Amount(money) if !price.is_placeholder() => amount_word(money.currency, power(money.minor)),
        Price::Free => "free".to_owned(),
        _ => String::new(),
    }
}

fn amount_word(currency: Currency, power: u32) -> String {
    format!("{}{power}", currency.as_str().to_ascii_lowercase())
}

fn power(minor: i64) -> u32 {
    minor.max(1).ilog2().clamp(*POWERS.start(), *POWERS.end())
}
