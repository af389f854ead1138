//! Ads that are put up again under a new link, to look new: they are linked to the first one, and not told again.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use superbot_domain::{Listing, ListingId, Price};
use superbot_matching::normalised;

use super::identity::{Origin, Slots};
use crate::Result;
use crate::rows::micros;
use crate::sql::{self, QueryBuilder, chunks};
use crate::writer::Tx;

/// An ad repeats one that was last seen so long ago, at most.
const WITHIN: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// What ads have in common, but for the price, that repeat each other: source, title and place.
///
/// None where there is no place: a title alone says too little, and taking two things for one would lose an alert.
pub(super) fn key(listing: &Listing) -> Option<i64> {
    let place = normalised(listing.location.as_deref()?);
    let title = normalised(&listing.title);
    if place.is_empty() || title.is_empty() {
        return None;
    }
    let digest = Sha256::digest(format!("{}\n{title}\n{place}", listing.source));
    digest.first_chunk().map(|bytes| i64::from_be_bytes(*bytes))
}

/// A new listing, as what it may repeat is looked for.
struct Wanted {
    slot: i64,
    key: i64,
    minor: i64,
    currency: String,
}

/// Links new listings to those that they repeat, and gives those that repeat another one of the same batch, with that one.
pub(super) async fn find(tx: &mut Tx, slots: &mut Slots<'_>) -> Result<Vec<(usize, usize)>> {
    let mut wanted = Vec::new();
    for (place, slot) in (0..).zip(slots.iter()) {
        let listing = &slot.known.listing;
        // What is given away, or has no price, is too alike.
        if let (Origin::New, Price::Amount(money), Some(key)) = (slot.origin, listing.price, key(listing)) {
            wanted.push(Wanted { slot: place, key, minor: money.minor, currency: money.currency.to_string() });
        }
    }
    let mut firsts: HashMap<i64, i64> = HashMap::new();
    for chunk in chunks(&wanted) {
        let mut select = QueryBuilder::new("WITH wanted (slot, repost_key, minor, code) AS (");
        select.push_values(chunk, |mut row, wanted| {
            row.push_bind(wanted.slot).push_bind(wanted.key).push_bind(wanted.minor).push_bind(&wanted.currency);
        });
        select.push(") SELECT slot, COALESCE(");
        for (table, end) in [("listings", ", "), ("pruned_listings", ") FROM wanted")] {
            select.push(format!(
                "(SELECT COALESCE(reposted_of, id) FROM {table} AS earlier WHERE earlier.repost_key = wanted.repost_key \
                 AND price_minor = minor AND currency = code AND price_kind = 'amount' AND seen_at >= "
            ));
            select.push_bind(micros(tx.now - WITHIN)).push(" ORDER BY id DESC LIMIT 1)").push(end);
        }
        let found: Vec<(i64, Option<i64>)> = select.build_query_as().fetch_all(&mut tx.conn).await?;
        firsts.extend(found.into_iter().filter_map(|(slot, first)| Some((slot, first?))));
    }
    let mut again = Vec::new();
    let mut in_batch: HashMap<(i64, i64, String), usize> = HashMap::new();
    for Wanted { slot, key, minor, currency } in wanted {
        let first = firsts.get(&slot).copied();
        let Some(place) = usize::try_from(slot).ok() else { continue };
        let earlier = *in_batch.entry((key, minor, currency)).or_insert(place);
        match first {
            Some(first) => slots[place].known.listing.reposted_of = Some(first.into()),
            None if earlier != place => again.push((place, earlier)),
            None => {}
        }
    }
    Ok(again)
}

/// Links listings to those of the same batch that they repeat, now that all have their numbers.
pub(super) async fn note(tx: &mut Tx, slots: &mut Slots<'_>, again: &[(usize, usize)]) -> Result<()> {
    for (place, earlier) in again {
        let first = slots[*earlier].known.listing.first_id();
        let listing = &mut slots[*place].known.listing;
        listing.reposted_of = Some(first);
        let update = sql::query("UPDATE listings SET reposted_of = $1 WHERE id = $2");
        update.bind(first.get()).bind(ListingId::get(listing.id)).execute(&mut tx.conn).await?;
    }
    Ok(())
}
