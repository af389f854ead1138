//! Lookups of listings by id.

use std::collections::HashMap;

use superbot_domain::{Listing, ListingId};

use super::known::{ListingRow, StoredListing};
use super::price_history::PriceRow;
use crate::error::Result;
use crate::sql::{self, QueryBuilder, SelectRecord as _, SqlConn, chunks, sql_text, where_in};

/// Returns the original of a repost, or the listing itself; `None` if there is no such listing.
pub(crate) async fn first_of(conn: &mut SqlConn, id: ListingId) -> Result<Option<ListingId>> {
    let select = sql::query_scalar("SELECT COALESCE(reposted_of, id) FROM listings WHERE id = $1").bind(id.get());
    let first: Option<i64> = select.fetch_optional(conn).await?;
    Ok(first.map(ListingId::from))
}

/// Returns a listing and its reposts, as far as they exist.
pub(crate) async fn with_reposts(conn: &mut SqlConn, first: ListingId) -> Result<Vec<StoredListing>> {
    let select = sql::query_scalar("SELECT id FROM listings WHERE id = $1 OR reposted_of = $1 ORDER BY id");
    let ids: Vec<i64> = select.bind(first.get()).fetch_all(&mut *conn).await?;
    known_by_ids(conn, &ids).await
}

/// Returns listings in the order of their ids; missing ones are left out.
pub(crate) async fn by_ids_in_order(conn: &mut SqlConn, ids: &[i64]) -> Result<Vec<Listing>> {
    Ok(known_by_ids(conn, ids).await?.into_iter().map(|known| known.listing).collect())
}

/// Like [`by_ids_in_order`], with the price before the last change, as shown to clients.
pub(crate) async fn shown_by_ids(conn: &mut SqlConn, ids: &[i64]) -> Result<Vec<Listing>> {
    let mut found = by_ids_in_order(conn, ids).await?;
    add_previous_prices(conn, &mut found).await?;
    Ok(found)
}

/// Returns listings with their internal state, in the order of the given ids.
pub(crate) async fn known_by_ids(conn: &mut SqlConn, ids: &[i64]) -> Result<Vec<StoredListing>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let select = where_in(sql_text!("SELECT ", ListingRow::COLUMNS, " FROM listings WHERE id IN ("), chunk, "");
        let rows: Vec<ListingRow> = select.build_query_as().fetch_all(&mut *conn).await?;
        for row in rows {
            found.push(row.read()?);
        }
    }
    // `IN` returns rows in any order.
    let place: HashMap<i64, usize> = ids.iter().copied().zip(0..).collect();
    found.sort_by_key(|known| place.get(&known.listing.id.get()).copied());
    Ok(found)
}

/// Adds the price before the last change.
pub(super) async fn add_previous_prices(reader: &mut SqlConn, listings: &mut [Listing]) -> Result<()> {
    if listings.is_empty() {
        return Ok(());
    }
    let mut select = QueryBuilder::new(sql_text!(
        "SELECT ",
        PriceRow::COLUMNS,
        // OFFSET 1: the newest point is the current price.
        " FROM price_history AS point WHERE id = \
         (SELECT id FROM price_history WHERE listing_id = point.listing_id ORDER BY id DESC LIMIT 1 OFFSET 1) \
         AND listing_id IN ("
    ));
    let mut ids = select.separated(", ");
    for listing in &*listings {
        ids.push_bind(listing.id.get());
    }
    select.push(")");
    let rows: Vec<PriceRow> = select.build_query_as().fetch_all(reader).await?;
    for row in rows {
        if let Some(listing) = listings.iter_mut().find(|listing| listing.id.get() == row.listing_id) {
            listing.previous_price = Some(row.price()?.0);
        }
    }
    Ok(())
}
