//! Price history of listings.

use superbot_domain::{Currency, ListingId, Price, PricePeriod};

use crate::error::Result;
use crate::rows::{currency, minor, price};
use crate::sql::{self, Record, SqlConn, chunks};

/// A row of `price_history`.
#[derive(Record)]
#[record(table = "price_history")]
pub(crate) struct PriceRow {
    id: i64,
    pub(super) listing_id: i64,
    pub(super) at: i64,
    price_kind: String,
    price_minor: Option<i64>,
    price_per: Option<String>,
    currency: String,
}

/// The price of a listing whose newest point an earlier reader read differently.
#[derive(Clone, Copy)]
pub(crate) struct CorrectedPrice {
    pub(crate) listing: ListingId,
    pub(crate) price: Price,
    pub(crate) currency: Currency,
}

/// A new current price of a listing.
pub(crate) struct NewPrice {
    pub(crate) point: i64,
    pub(crate) listing: ListingId,
    pub(crate) price: Price,
    pub(crate) currency: Currency,
}

impl NewPrice {
    /// Returns its row; `at` is the time of the change in microseconds.
    pub(crate) fn row(&self, at: i64) -> PriceRow {
        PriceRow {
            id: self.point,
            listing_id: self.listing.get(),
            at,
            price_kind: self.price.kind().to_owned(),
            price_minor: minor(self.price),
            price_per: self.price.per().map(|per| per.as_str().to_owned()),
            currency: self.currency.as_str().to_owned(),
        }
    }
}

impl PriceRow {
    /// Returns the price, with the listing's currency at that time.
    pub(super) fn price(&self) -> Result<(Price, Currency)> {
        let currency = currency(&self.currency)?;
        Ok((price(&self.price_kind, self.price_minor, self.price_per.as_deref(), currency)?, currency))
    }
}

/// Appends price points.
pub(crate) async fn insert_prices(conn: &mut SqlConn, prices: &[NewPrice], at: i64) -> Result<()> {
    for chunk in chunks(prices) {
        sql::insert(chunk.iter().map(|price| price.row(at))).build().execute(conn).await?;
    }
    Ok(())
}

/// Replaces the newest points of listings, which say what was never asked.
pub(crate) async fn correct_prices(conn: &mut SqlConn, prices: &[CorrectedPrice]) -> Result<()> {
    for CorrectedPrice { listing, price, currency } in prices {
        let update = sql::query(
            "UPDATE price_history SET price_kind = $1, price_minor = $2, price_per = $3, currency = $4 \
             WHERE id = (SELECT MAX(id) FROM price_history WHERE listing_id = $5)",
        );
        let update = update.bind(price.kind()).bind(minor(*price)).bind(price.per().map(PricePeriod::as_str));
        update.bind(currency.as_str()).bind(listing.get()).execute(&mut *conn).await?;
    }
    Ok(())
}
