//! How listings and their prices are written.

use superbot_domain::{Currency, ListingId, Price};

use super::identity::{Origin, Slots};
use super::known::{Known, ListingRow};
use crate::error::Result;
use crate::numbers::Numbers;
use crate::rows::{currency, minor, price};
use crate::sql::{self, Conn, Query, Record, UpdateRecord as _, chunks};

/// A row of `price_history`.
#[derive(Record)]
#[record(table = "price_history")]
pub(crate) struct PriceRow {
    id: i64,
    pub(super) listing_id: i64,
    pub(super) at: i64,
    price_kind: String,
    price_minor: Option<i64>,
    currency: String,
}

/// A price that a listing has from now on.
pub(crate) struct NewPrice {
    pub(crate) point: i64,
    pub(crate) listing: ListingId,
    pub(crate) price: Price,
    pub(crate) currency: Currency,
}

impl NewPrice {
    /// Its row, with the time of the change in microseconds.
    pub(crate) fn row(&self, at: i64) -> PriceRow {
        PriceRow {
            id: self.point,
            listing_id: self.listing.get(),
            at,
            price_kind: self.price.kind().to_owned(),
            price_minor: minor(self.price),
            currency: self.currency.as_str().to_owned(),
        }
    }
}

impl PriceRow {
    /// The price, with the currency of the listing then.
    pub(super) fn price(&self) -> Result<(Price, Currency)> {
        let currency = currency(&self.currency)?;
        Ok((price(&self.price_kind, self.price_minor, currency)?, currency))
    }
}

/// Gives new listings their numbers.
pub(crate) fn give_numbers(slots: &mut Slots<'_>, numbers: &mut Numbers) {
    for slot in slots.iter_mut().filter(|slot| slot.origin == Origin::New) {
        slot.known.listing.id = numbers.next_listing();
    }
}

/// Gives new listings their rows.
pub(crate) async fn insert_new(conn: &mut Conn, slots: &Slots<'_>) -> Result<()> {
    let new: Vec<&Known> = slots.iter().filter(|slot| slot.origin == Origin::New).map(|slot| &slot.known).collect();
    for chunk in chunks(&new) {
        insert_listings(chunk).execute(conn).await?;
    }
    Ok(())
}

/// The statement that gives listings their rows.
pub(crate) fn insert_listings(listings: &[&Known]) -> Query {
    sql::insert(listings.iter().map(|known| ListingRow::from(*known))).build()
}

/// The statement that writes what has changed about a listing.
pub(crate) fn update(known: &Known) -> Query {
    ListingRow::from(known).update().build()
}

/// Adds prices to the histories of their listings.
pub(crate) async fn insert_prices(conn: &mut Conn, prices: &[NewPrice], at: i64) -> Result<()> {
    for chunk in chunks(prices) {
        sql::insert(chunk.iter().map(|price| price.row(at))).build().execute(conn).await?;
    }
    Ok(())
}
