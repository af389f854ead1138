//! Merges two stored listings into the older one, without events and notifications.

use super::by_id::known_by_ids;
use superbot_domain::ListingId;

use super::known::{ListingRow, StoredListing};
use super::{merged, words};
use crate::error::Result;
use crate::sql::{self, SqlConn, UpdateRecord as _};

/// Merges a listing into another one: prices, favourites, and what users were notified of or ignore.
///
/// Its values are those of the one whose price changed last: what is posted next is compared with them.
pub(super) async fn merge_listings(conn: &mut SqlConn, gone: i64, kept: i64) -> Result<()> {
    let both = known_by_ids(conn, &[kept, gone]).await?;
    let [kept_listing, gone_listing] = &both[..] else { return Ok(()) };
    let latest: Option<i64> =
        sql::query_scalar("SELECT listing_id FROM price_history WHERE listing_id IN ($1, $2) ORDER BY id DESC LIMIT 1")
            .bind(kept)
            .bind(gone)
            .fetch_optional(&mut *conn)
            .await?;
    let mut merged = if latest == Some(gone) { gone_listing.clone() } else { kept_listing.clone() };
    merged.listing.id = kept.into();
    merged.seen_at = kept_listing.seen_at.max(gone_listing.seen_at);
    let first = kept_listing.listing.reposted_of.filter(|first| first.get() != gone);
    move_prices_and_favorites(conn, gone, kept).await?;
    if let Some(first) = gone_listing.listing.reposted_of {
        let show = sql::query("UPDATE hits SET shown_id = $1 WHERE listing_id = $2 AND shown_id = $3");
        show.bind(kept).bind(first.get()).bind(gone).execute(&mut *conn).await?;
    }
    move_references(conn, gone, first.map_or(kept, ListingId::get)).await?;
    sql::query("DELETE FROM listings WHERE id = $1").bind(gone).execute(&mut *conn).await?;
    let relink = sql::query("UPDATE listings SET reposted_of = NULL WHERE id = $1 AND reposted_of IN ($1, $2)");
    relink.bind(kept).bind(gone).execute(&mut *conn).await?;
    store_values(conn, &merged).await?;
    merged::note(conn, gone, kept).await
}

/// Merges what is left of a pruned listing into another one.
pub(super) async fn merge_pruned(conn: &mut SqlConn, gone: i64, kept: i64) -> Result<()> {
    let select = "SELECT COALESCE(reposted_of, id) FROM listings WHERE id = $1 \
         UNION ALL SELECT COALESCE(reposted_of, id) FROM pruned_listings WHERE id = $1";
    let first: Option<i64> = sql::query_scalar(select).bind(kept).fetch_optional(&mut *conn).await?;
    move_references(conn, gone, first.filter(|first| *first != gone).unwrap_or(kept)).await?;
    sql::query("DELETE FROM pruned_listings WHERE id = $1").bind(gone).execute(&mut *conn).await?;
    merged::note(conn, gone, kept).await
}

async fn store_values(conn: &mut SqlConn, merged: &StoredListing) -> Result<()> {
    ListingRow::from(merged).update().build().execute(&mut *conn).await?;
    words::put(conn, &[&merged.listing]).await
}

async fn move_prices_and_favorites(conn: &mut SqlConn, gone: i64, kept: i64) -> Result<()> {
    execute_for(
        conn,
        gone,
        kept,
        &[
            "UPDATE price_history SET listing_id = $2 WHERE listing_id = $1",
            // Who has both as favourites keeps one, with the notes of either.
            "UPDATE favorites SET notes = (SELECT other.notes FROM favorites AS other \
             WHERE other.listing_id = $1 AND other.user_id = favorites.user_id) \
             WHERE listing_id = $2 AND COALESCE(notes, '') = '' AND EXISTS (SELECT 1 FROM favorites AS other \
             WHERE other.listing_id = $1 AND other.user_id = favorites.user_id)",
            "DELETE FROM favorites WHERE listing_id = $1 \
             AND user_id IN (SELECT user_id FROM favorites WHERE listing_id = $2)",
            "UPDATE favorites SET listing_id = $2 WHERE listing_id = $1",
        ],
    )
    .await
}

/// Moves what refers to a listing as the first one of an ad: hits, ignored listings and reposts.
async fn move_references(conn: &mut SqlConn, gone: i64, first: i64) -> Result<()> {
    execute_for(
        conn,
        gone,
        first,
        &[
            // A hit is shown by its own listing where it names no other one.
            "UPDATE hits SET shown_id = NULL WHERE shown_id IN ($1, $2) AND listing_id IN ($1, $2)",
            "DELETE FROM hits WHERE listing_id = $1 AND EXISTS (SELECT 1 FROM hits AS own \
             WHERE own.listing_id = $2 AND own.query_id = hits.query_id AND own.minor = hits.minor \
             AND own.price_per = hits.price_per)",
            "UPDATE hits SET listing_id = $2 WHERE listing_id = $1",
            "DELETE FROM ignored_listings WHERE listing_id = $1 \
             AND query_id IN (SELECT query_id FROM ignored_listings WHERE listing_id = $2)",
            "UPDATE ignored_listings SET listing_id = $2 WHERE listing_id = $1",
            "UPDATE listings SET reposted_of = $2 WHERE reposted_of = $1 AND id <> $2",
            "UPDATE pruned_listings SET reposted_of = $2 WHERE reposted_of = $1 AND id <> $2",
        ],
    )
    .await
}

async fn execute_for(conn: &mut SqlConn, gone: i64, kept: i64, statements: &[&'static str]) -> Result<()> {
    for statement in statements {
        sql::query(*statement).bind(gone).bind(kept).execute(&mut *conn).await?;
    }
    Ok(())
}
