//! Ads that are put up again under a new link, to look new: they are linked to the first one, and not told again.

use std::collections::HashMap;

use superbot_domain::{ListingId, PricePeriod, Timestamp};

use super::identity::{Origin, Slots};
use super::repost_key::repost_key;
use crate::error::Result;
use crate::rows::micros;
use crate::sql::{QueryBuilder, chunks};
use crate::tx::Tx;

/// An ad repeats one that was last seen so long ago, at most.
const WITHIN: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// A new listing, as what it may repeat is looked for.
pub(crate) struct Wanted {
    slot: i64,
    key: i64,
    minor: i64,
    currency: String,
    per: Option<PricePeriod>,
}

/// What listings may repeat that are new, as far as that is known by now.
pub(crate) fn wanted(slots: &Slots<'_>) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (place, slot) in (0..).zip(slots.iter()).filter(|(_, slot)| slot.origin == Origin::New) {
        let listing = &slot.known.listing;
        // What is given away, or has no price, is too alike.
        if let (Some(money), Some(key)) = (listing.price.money(), repost_key(listing)) {
            let (currency, per) = (money.currency.to_string(), listing.price.per());
            wanted.push(Wanted { slot: place, key, minor: money.minor, currency, per });
        }
    }
    wanted
}

/// Looks for the first one of what each repeats; by their slots.
pub(crate) async fn find(tx: &mut Tx, wanted: &[Wanted]) -> Result<HashMap<i64, i64>> {
    let mut found = HashMap::new();
    for chunk in chunks(wanted) {
        let rows: Vec<(i64, i64)> = select(chunk, tx.now).build_query_as().fetch_all(&mut tx.conn).await?;
        found.extend(rows);
    }
    Ok(found)
}

fn select(wanted: &[Wanted], now: Timestamp) -> QueryBuilder {
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

/// Links new listings, which have their numbers, to those that they repeat, be it of the same batch.
pub(crate) fn link(slots: &mut Slots<'_>, wanted: Vec<Wanted>, repeated: &HashMap<i64, i64>) {
    let mut in_batch: HashMap<(i64, i64, String, Option<PricePeriod>), ListingId> = HashMap::new();
    for Wanted { slot, key, minor, currency, per } in wanted {
        let Some(new) = usize::try_from(slot).ok().and_then(|place| slots.get_mut(place)) else { continue };
        if new.origin != Origin::New {
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
