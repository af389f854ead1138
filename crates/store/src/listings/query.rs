//! Reading listings.

use std::collections::HashMap;

use superbot_domain::{Currency, Listing, ListingId, Price, SourceName, Timestamp};

use super::known::{COLUMNS, Known, ListingRow};
use super::search::Search;
use super::sort::{Cursor, ListingSort};
use crate::error::Result;
use crate::page::{self, BoundedCount, Page};
use crate::rows::{currency, price, timestamp};
use crate::sql::{self, Conn, QueryBuilder, chunks, where_in};
use crate::store::Store;

/// Which listings to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListingQuery {
    /// Keywords, as alerts have them.
    pub q: Option<String>,
    /// Only of these sources; of all, when empty.
    pub sources: Vec<SourceName>,
    /// The lowest price, in units of the listing's own currency; listings without a price are left out.
    pub min_price: Option<f64>,
    /// The highest price, in units of the listing's own currency; listings without a price are left out.
    pub max_price: Option<f64>,
    /// First seen at that time or later.
    pub since: Option<Timestamp>,
    /// The order of the list.
    pub sort: ListingSort,
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
    /// The listings that a query asks for, in its order.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`](crate::StoreError::TooSlow) where finding them takes too long.
    pub async fn listings(&self, query: &ListingQuery) -> Result<Page<Listing>> {
        let search = Search::new(query)?;
        let mut reader = self.search_reader().await?;
        let ids = search.ids(&mut reader).await?;
        let (shown, more) = page::split(ids, query.limit);
        let found = known_by_ids(&mut reader, &shown).await?;
        let next_cursor = found.last().filter(|_| more).map(|last| Cursor::behind(last, query.sort).write(query.sort));
        let mut items: Vec<Listing> = found.into_iter().map(|known| known.listing).collect();
        add_previous_prices(&mut reader, &mut items).await?;
        Ok(Page { items, next_cursor })
    }

    /// How many listings a query asks for, on all of its pages.
    ///
    /// # Errors
    /// [`StoreError::TooSlow`](crate::StoreError::TooSlow) where counting them takes too long.
    pub async fn count_listings(&self, query: &ListingQuery) -> Result<BoundedCount> {
        let mut reader = self.search_reader().await?;
        Search::new(query)?.count(&mut reader).await
    }

    /// The listing of that number.
    pub async fn listing(&self, id: ListingId) -> Result<Option<Listing>> {
        let mut select = QueryBuilder::new(format!("SELECT {COLUMNS} FROM listings WHERE id = "));
        select.push_bind(id.get());
        let query = select.build_query_as::<ListingRow>();
        let reader = &mut self.reader().await?;
        let Some(row) = query.fetch_optional(&mut *reader).await? else { return Ok(None) };
        let mut listing = [row.read()?.listing];
        add_previous_prices(reader, &mut listing).await?;
        let [listing] = listing;
        Ok(Some(listing))
    }

    /// The prices that a listing had, the first one first; `None` when there is no such listing.
    pub async fn price_history(&self, id: ListingId) -> Result<Option<Vec<PricePoint>>> {
        let rows: Vec<(i64, String, Option<i64>, String)> = sql::query_as(
            "SELECT at, price_kind, price_minor, currency FROM price_history WHERE listing_id = $1 ORDER BY id",
        )
        .bind(id.get())
        .fetch_all(&mut self.reader().await?)
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

/// The first of the ads that a listing repeats, or the listing itself; `None` where there is no such listing.
pub(crate) async fn first_of(conn: &mut Conn, id: ListingId) -> Result<Option<ListingId>> {
    let select = sql::query_scalar("SELECT COALESCE(reposted_of, id) FROM listings WHERE id = $1").bind(id.get());
    let first: Option<i64> = select.fetch_optional(conn).await?;
    Ok(first.map(ListingId::from))
}

/// A listing and those that repeat it, as far as they are there.
pub(crate) async fn with_reposts(conn: &mut Conn, first: ListingId) -> Result<Vec<Known>> {
    let select = sql::query_scalar("SELECT id FROM listings WHERE id = $1 OR reposted_of = $1 ORDER BY id");
    let ids: Vec<i64> = select.bind(first.get()).fetch_all(&mut *conn).await?;
    known_by_ids(conn, &ids).await
}

/// The listings of those numbers, in their order; those that there are no more are left out.
pub(crate) async fn by_ids_in_order(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Listing>> {
    Ok(known_by_ids(conn, ids).await?.into_iter().map(|known| known.listing).collect())
}

/// The same, with what they asked before their price last changed, as those who read them are shown.
pub(crate) async fn shown_by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Listing>> {
    let mut found = by_ids_in_order(conn, ids).await?;
    add_previous_prices(conn, &mut found).await?;
    Ok(found)
}

/// The listings of those numbers, in their order, with what the store knows of them.
pub(crate) async fn known_by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<Known>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let select = where_in(&format!("SELECT {COLUMNS} FROM listings WHERE id IN ("), chunk, "");
        let rows: Vec<ListingRow> = select.build_query_as().fetch_all(&mut *conn).await?;
        for row in rows {
            found.push(row.read()?);
        }
    }
    let place: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
    found.sort_by_key(|known| place.get(&known.listing.id.get()).copied());
    Ok(found)
}

/// Adds what listings asked before their price last changed.
async fn add_previous_prices(reader: &mut Conn, listings: &mut [Listing]) -> Result<()> {
    if listings.is_empty() {
        return Ok(());
    }
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
