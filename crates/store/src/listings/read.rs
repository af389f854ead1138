//! Reading listings.

use superbot_domain::{BoundedCount, Currency, Listing, ListingId, Price, Timestamp};

use super::by_id::{add_previous_prices, known_by_ids};
use super::known::ListingRow;
use super::price_history::PriceRow;
use super::query::ListingQuery;
use super::search::ListSearch;
use super::sort::ListCursor;
use crate::error::Result;
use crate::handles::ListingStore;
use crate::page::{self, StorePage};
use crate::rows::timestamp;
use crate::sql::{self, SelectRecord as _, sql_text};

/// An entry of a listing's price history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PricePoint {
    /// Time from which the price applied.
    pub at: Timestamp,
    /// The price asked.
    pub price: Price,
    /// Currency of the listing at that time.
    pub currency: Currency,
}

impl ListingStore<'_> {
    /// Returns a page of the listings that a query selects.
    ///
    /// # Errors
    /// [`DbError::TooSlow`](crate::DbError::TooSlow) if the search exceeds its deadline.
    pub async fn page(self, query: &ListingQuery) -> Result<StorePage<Listing>> {
        let search = ListSearch::new(query)?;
        let mut reader = self.store.search_reader().await?;
        let ids = search.ids(&mut reader).await?;
        let (shown, more) = page::split(ids, query.limit);
        let found = known_by_ids(&mut reader, &shown).await?;
        let next_cursor =
            found.last().filter(|_| more).map(|last| ListCursor::behind(last, query.sort).write(query.sort));
        let mut items: Vec<Listing> = found.into_iter().map(|known| known.listing).collect();
        add_previous_prices(&mut reader, &mut items).await?;
        Ok(StorePage { items, next_cursor })
    }

    /// Counts the listings that a query selects, on all pages.
    ///
    /// # Errors
    /// [`DbError::TooSlow`](crate::DbError::TooSlow) if counting exceeds its deadline.
    pub async fn count(self, query: &ListingQuery) -> Result<BoundedCount> {
        let mut reader = self.store.search_reader().await?;
        ListSearch::new(query)?.count(&mut reader).await
    }

    /// Returns a listing by id.
    pub async fn get(self, id: ListingId) -> Result<Option<Listing>> {
        let select = sql_text!("SELECT ", ListingRow::COLUMNS, " FROM listings WHERE id = $1");
        let reader = &mut self.store.reader().await?;
        let row: Option<ListingRow> = sql::query_as(select).bind(id.get()).fetch_optional(&mut *reader).await?;
        let Some(row) = row else { return Ok(None) };
        let mut listing = [row.read()?.listing];
        add_previous_prices(reader, &mut listing).await?;
        let [listing] = listing;
        Ok(Some(listing))
    }

    /// Returns a listing's price history, oldest first; `None` if there is no such listing.
    pub async fn price_history(self, id: ListingId) -> Result<Option<Vec<PricePoint>>> {
        let select = sql_text!("SELECT ", PriceRow::COLUMNS, " FROM price_history WHERE listing_id = $1 ORDER BY id");
        let rows: Vec<PriceRow> =
            sql::query_as(select).bind(id.get()).fetch_all(&mut self.store.reader().await?).await?;
        let read = |row: PriceRow| {
            let (price, currency) = row.price()?;
            Ok(PricePoint { at: timestamp(row.at)?, price, currency })
        };
        let points: Vec<PricePoint> = rows.into_iter().map(read).collect::<Result<_>>()?;
        // Every listing has had a price point since it was created, so an empty history means that there is no listing.
        Ok(Some(points).filter(|points| !points.is_empty()))
    }
}
