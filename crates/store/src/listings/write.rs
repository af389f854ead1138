//! How listings and their prices are written.

use superbot_domain::{Currency, ListingId, Price};

use super::identity::{Origin, Slots};
use super::known::Known;
use super::reposts;
use crate::error::Result;
use crate::numbers::Numbers;
use crate::rows::{micros, minor, units};
use crate::sql::{Conn, Query, QueryBuilder, chunks};

/// A price that a listing has from now on.
pub(crate) struct PriceRow {
    pub(crate) point: i64,
    pub(crate) listing: ListingId,
    pub(crate) price: Price,
    pub(crate) currency: Currency,
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
    let mut insert = QueryBuilder::new(
        "INSERT INTO listings (id, source, link_key, link, title, price_kind, price_minor, price_units, currency, \
         negotiable, location, image_url, description, external_id, created_at, first_seen_at, updated_at, seen_at, \
         first_point, repost_key, reposted_of) ",
    );
    insert.push_values(listings, |mut row, known| {
        let listing = &known.listing;
        row.push_bind(listing.id.get());
        row.push_bind(listing.source.as_str()).push_bind(known.link_key.as_str()).push_bind(listing.link.as_str());
        row.push_bind(listing.title.as_str()).push_bind(listing.price.kind()).push_bind(minor(listing.price));
        row.push_bind(units(listing.price)).push_bind(listing.currency.to_string()).push_bind(listing.negotiable);
        row.push_bind(listing.location.as_deref()).push_bind(listing.image_url.as_deref());
        row.push_bind(listing.description.as_deref()).push_bind(listing.external_id.as_deref());
        row.push_bind(micros(listing.created_at)).push_bind(micros(listing.first_seen_at));
        row.push_bind(micros(listing.updated_at)).push_bind(micros(known.seen_at)).push_bind(known.first_point);
        row.push_bind(reposts::key(listing)).push_bind(listing.reposted_of.map(ListingId::get));
    });
    insert.build()
}

/// The statement that writes what has changed about a listing.
pub(crate) fn update(known: &Known) -> Query {
    let listing = &known.listing;
    let mut update = QueryBuilder::new("UPDATE listings SET title = ");
    update.push_bind(&listing.title);
    update.push(", price_kind = ").push_bind(listing.price.kind());
    update.push(", price_minor = ").push_bind(minor(listing.price));
    update.push(", price_units = ").push_bind(units(listing.price));
    update.push(", currency = ").push_bind(listing.currency.as_str());
    update.push(", negotiable = ").push_bind(listing.negotiable);
    update.push(", location = ").push_bind(&listing.location);
    update.push(", image_url = ").push_bind(&listing.image_url);
    update.push(", description = ").push_bind(&listing.description);
    update.push(", external_id = ").push_bind(&listing.external_id);
    update.push(", updated_at = ").push_bind(micros(listing.updated_at));
    update.push(", seen_at = ").push_bind(micros(known.seen_at));
    update.push(", repost_key = ").push_bind(reposts::key(listing));
    update.push(", price_fall = ").push_bind(known.price_fall);
    update.push(" WHERE id = ").push_bind(listing.id.get());
    update.build()
}

/// Adds prices to the histories of their listings.
pub(crate) async fn insert_prices(conn: &mut Conn, prices: &[PriceRow], at: i64) -> Result<()> {
    for chunk in chunks(prices) {
        let mut insert =
            QueryBuilder::new("INSERT INTO price_history (id, listing_id, at, price_kind, price_minor, currency) ");
        insert.push_values(chunk, |mut row, price| {
            row.push_bind(price.point).push_bind(price.listing.get()).push_bind(at).push_bind(price.price.kind());
            row.push_bind(minor(price.price)).push_bind(price.currency.to_string());
        });
        insert.build().execute(conn).await?;
    }
    Ok(())
}
