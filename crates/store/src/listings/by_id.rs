//! Reading listings whose numbers are known.

use std::collections::HashMap;

use superbot_domain::{Listing, ListingId};

use super::known::{ListingRow, StoredListing};
use super::price_history::PriceRow;
use crate::error::Result;
use crate::sql::{self, QueryBuilder, SelectRecord as _, SqlConn, chunks, sql_text, where_in};

/// The first of the ads that a listing repeats, or the listing itself; `None` where there is no such listing.
pub(crate) async fn first_of(conn: &mut SqlConn, id: ListingId) -> Result<Option<ListingId>> {
    let select = sql::query_scalar("SELECT COALESCE(reposted_of, id) FROM listings WHERE id = $1").bind(id.get());
    let first: Option<i64> = select.fetch_optional(conn).await?;
    Ok(first.map(ListingId::from))
}

/// A listing and those that repeat it, as far as they are there.
pub(crate) async fn with_reposts(conn: &mut SqlConn, first: ListingId) -> Result<Vec<StoredListing>> {
    let select = sql::query_scalar("SELECT id FROM listings WHERE id = $1 OR reposted_of = $1 ORDER BY id");
    let ids: Vec<i64> = select.bind(first.get()).fetch_all(&mut *conn).await?;
    known_by_ids(conn, &ids).await
}

/// The listings of those numbers, in their order; those that there are no more are left out.
pub(crate) async fn by_ids_in_order(conn: &mut SqlConn, ids: &[i64]) -> Result<Vec<Listing>> {
    Ok(known_by_ids(conn, ids).await?.into_iter().map(|known| known.listing).collect())
}

/// The same, with what they asked before their price last changed, as those who read them are shown.
pub(crate) async fn shown_by_ids(conn: &mut SqlConn, ids: &[i64]) -> Result<Vec<Listing>> {
    let mut found = by_ids_in_order(conn, ids).await?;
    add_previous_prices(conn, &mut found).await?;
    Ok(found)
}

/// The listings of those numbers, in their order, with what the store knows of them.
pub(crate) async fn known_by_ids(conn: &mut SqlConn, ids: &[i64]) -> Result<Vec<StoredListing>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let select = where_in(sql_text!("SELECT ", ListingRow::COLUMNS, " FROM listings WHERE id IN ("), chunk, "");
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
pub(super) async fn add_previous_prices(reader: &mut SqlConn, listings: &mut [Listing]) -> Result<()> {
    if listings.is_empty() {
        return Ok(());
    }
    let mut select = QueryBuilder::new(sql_text!(
        "SELECT ",
        PriceRow::COLUMNS,
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
