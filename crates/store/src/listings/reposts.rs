//! Reposts: ads posted again under a new link to appear new. They are linked to the original, and users are not
//! notified again.

use std::collections::HashMap;

use superbot_domain::{ListingId, PricePeriod, Timestamp};

use super::identity::{ListingUpserts, UpsertOrigin};
use super::repost_key::repost_key;
use crate::error::Result;
use crate::rows::micros;
use crate::sql::{QueryBuilder, chunks};
use crate::tx::StoreTx;

/// Maximum age of the last sighting of the original.
const WITHIN: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// A new listing whose original is looked up.
pub(crate) struct RepostCandidate {
    slot: i64,
    key: i64,
    minor: i64,
    currency: String,
    per: Option<PricePeriod>,
}

/// Returns the new listings of a batch that may be reposts.
pub(crate) fn wanted(slots: &ListingUpserts<'_>) -> Vec<RepostCandidate> {
    let mut wanted = Vec::new();
    for (place, slot) in (0..).zip(slots.iter()).filter(|(_, slot)| slot.origin == UpsertOrigin::New) {
        let listing = &slot.known.listing;
        // Free items and those without a price are too similar to each other to be matched this way.
        if let (Some(money), Some(key)) = (listing.price.money(), repost_key(listing)) {
            let currency = money.currency.to_string();
            let per = listing.price.per();
            wanted.push(RepostCandidate { slot: place, key, minor: money.minor, currency, per });
        }
    }
    wanted
}

/// Looks up the originals; returns their ids by slot.
pub(crate) async fn find(tx: &mut StoreTx, wanted: &[RepostCandidate]) -> Result<HashMap<i64, i64>> {
    let mut found = HashMap::new();
    for chunk in chunks(wanted) {
        let rows: Vec<(i64, i64)> = select(chunk, tx.now).build_query_as().fetch_all(&mut tx.conn).await?;
        found.extend(rows);
    }
    Ok(found)
}

fn select(wanted: &[RepostCandidate], now: Timestamp) -> QueryBuilder {
    let mut query = QueryBuilder::new("WITH again (wanted, repost_key, minor, code, per) AS (");
    query.push_values(wanted, |mut row, wanted| {
        row.push_bind(wanted.slot).push_bind(wanted.key).push_bind(wanted.minor).push_bind(&wanted.currency);
        row.push_bind(wanted.per.map(PricePeriod::as_str));
    });
    query.push(") SELECT wanted, id FROM (SELECT wanted, COALESCE(");
    for (table, end) in [("listings", ", "), ("pruned_listings", ") AS id FROM again) AS found WHERE id IS NOT NULL")] {
        query.push(format!(
            "(SELECT COALESCE(reposted_of, id) FROM {table} AS earlier WHERE earlier.repost_key = again.repost_key \
             AND price_minor = minor AND currency = code AND price_kind IN ('amount', 'recurring') \
             AND price_per IS NOT DISTINCT FROM per AND seen_at >= "
        ));
        query.push_bind(micros(now - WITHIN)).push(" ORDER BY id DESC LIMIT 1)").push(end);
    }
    query
}

/// Links new listings, which must have their ids, to their originals, which may be in the same batch.
pub(crate) fn link(slots: &mut ListingUpserts<'_>, wanted: Vec<RepostCandidate>, repeated: &HashMap<i64, i64>) {
    let mut in_batch: HashMap<(i64, i64, String, Option<PricePeriod>), ListingId> = HashMap::new();
    for RepostCandidate { slot, key, minor, currency, per } in wanted {
        let Some(new) = usize::try_from(slot).ok().and_then(|place| slots.get_mut(place)) else { continue };
        // A slot may have been merged into another since.
        if new.origin != UpsertOrigin::New {
            continue;
        }
        let listing = &mut new.known.listing;
        listing.reposted_of = repeated.get(&slot).map(|first| ListingId::from(*first));
        let earlier = *in_batch.entry((key, minor, currency, per)).or_insert_with(|| listing.first_id());
        if listing.reposted_of.is_none() && earlier != listing.id {
            listing.reposted_of = Some(earlier);
        }
    }
}
