//! Reading listings.

use sqlx::{QueryBuilder, SqliteConnection};
use superbot_domain::{Currency, Listing, ListingId, Price, SourceName, Timestamp};

use super::known::{COLUMNS, ListingRow};
use crate::rows::{currency, micros, price, timestamp};
use crate::sqlite::{chunks, where_in};
use crate::store::Store;
use crate::{Page, Result, page};

/// Which listings to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListingQuery {
    /// Words that must all be in the title or the description; at most 16 of them count.
    pub q: Option<String>,
    /// Only of that source.
    pub source: Option<SourceName>,
    /// At least so many units; without a price, a listing is left out.
    pub min_price: Option<f64>,
    /// At most so many units; without a price, a listing is left out.
    pub max_price: Option<f64>,
    /// First seen at that time or later.
    pub since: Option<Timestamp>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many, from 1 to 500.
    pub limit: u32,
}

/// A price that a listing had, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// Since when.
    pub at: Timestamp,
    /// What the ad asked.
    pub price: Price,
    /// The currency that its prices are in.
    pub currency: Currency,
}

impl Store {
    /// The listings that a query asks for, newest first.
    pub async fn listings(&self, query: &ListingQuery) -> Result<Page<Listing>> {
        const MAX_WORDS: usize = 16;
        let mut select = QueryBuilder::new(format!("SELECT {COLUMNS} FROM listings WHERE id < "));
        select.push_bind(page::before(query.cursor.as_deref())?);
        if let Some(source) = &query.source {
            select.push(" AND source = ").push_bind(source.as_str());
        }
        if let Some(min) = query.min_price {
            select.push(" AND price_units >= ").push_bind(min);
        }
        if let Some(max) = query.max_price {
            select.push(" AND price_units <= ").push_bind(max);
        }
        if let Some(since) = query.since {
            select.push(" AND first_seen_at >= ").push_bind(micros(since));
        }
        for word in query.q.as_deref().unwrap_or_default().split_whitespace().take(MAX_WORDS) {
            select.push(" AND search_text LIKE ").push_bind(containing(word)).push(" ESCAPE '\\'");
        }
        select.push(" ORDER BY id DESC LIMIT ").push_bind(page::rows_to_read(query.limit));
        let reader = &mut *self.reader().await?;
        let rows: Vec<ListingRow> = select.build_query_as().fetch_all(&mut *reader).await?;
        let mut items = rows.into_iter().map(|row| Ok(row.read()?.listing)).collect::<Result<Vec<_>>>()?;
        add_previous_prices(reader, &mut items).await?;
        Ok(Page::of(items, query.limit, |listing: &Listing| listing.id.get()))
    }

    /// The listing of that number.
    pub async fn listing(&self, id: ListingId) -> Result<Option<Listing>> {
        let mut select = QueryBuilder::new(format!("SELECT {COLUMNS} FROM listings WHERE id = "));
        let query = select.push_bind(id.get()).build_query_as::<ListingRow>();
        let reader = &mut *self.reader().await?;
        let Some(row) = query.fetch_optional(&mut *reader).await? else { return Ok(None) };
        let mut listing = [row.read()?.listing];
        add_previous_prices(reader, &mut listing).await?;
        let [listing] = listing;
        Ok(Some(listing))
    }

    /// The prices that a listing had, the first one first; `None` when there is no such listing.
    pub async fn price_history(&self, id: ListingId) -> Result<Option<Vec<PricePoint>>> {
        let rows: Vec<(i64, String, Option<i64>, String)> = sqlx::query_as(
            "SELECT at, price_kind, price_minor, currency FROM price_history WHERE listing_id = $1 ORDER BY id",
        )
        .bind(id.get())
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let read = |(at, kind, minor, code): (i64, String, Option<i64>, String)| {
            let currency = currency(&code)?;
            Ok(PricePoint { at: timestamp(at)?, price: price(&kind, minor, currency)?, currency })
        };
        let points: Vec<PricePoint> = rows.into_iter().map(read).collect::<Result<_>>()?;
        // A listing has had a price point since it was stored.
        Ok(Some(points).filter(|points| !points.is_empty()))
    }
}

/// The listings of those numbers, in no order.
pub(crate) async fn by_ids(conn: &mut SqliteConnection, ids: &[i64]) -> Result<Vec<Listing>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let mut select = where_in(&format!("SELECT {COLUMNS} FROM listings WHERE id IN ("), chunk, "");
        let rows: Vec<ListingRow> = select.build_query_as().fetch_all(&mut *conn).await?;
        for row in rows {
            found.push(row.read()?.listing);
        }
    }
    Ok(found)
}

/// Adds what listings asked before their price last changed.
async fn add_previous_prices(reader: &mut SqliteConnection, listings: &mut [Listing]) -> Result<()> {
    let mut select = QueryBuilder::new(
        "SELECT listing_id, price_kind, price_minor, currency FROM price_history AS point WHERE id = \
         (SELECT id FROM price_history WHERE listing_id = point.listing_id ORDER BY id DESC LIMIT 1 OFFSET 1) \
         AND listing_id IN (",
    );
    let mut ids = select.separated(", ");
    for listing in &*listings {
        ids.push_bind(listing.id.get());
    }
    select.push(")");
    let rows: Vec<(i64, String, Option<i64>, String)> = select.build_query_as().fetch_all(reader).await?;
    for (id, kind, minor, code) in rows {
        if let Some(listing) = listings.iter_mut().find(|listing| listing.id.get() == id) {
            listing.previous_price = Some(price(&kind, minor, currency(&code)?)?);
        }
    }
    Ok(())
}

/// The pattern of texts that contain a word.
fn containing(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
