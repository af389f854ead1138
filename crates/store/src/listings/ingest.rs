//! Taking listings in: what is new is stored and told, what changed is updated and told, all in one go.

use std::collections::HashMap;

use superbot_domain::{Audience, Currency, EventKind, Listing, ListingId, NewListing, Price};

use super::identity::{Origin, Slot, Slots};
use super::known::{Change, Known};
use super::{reposts, words};
use crate::events::NewEvent;
use crate::rows::{micros, minor, units};
use crate::sql::{self, QueryBuilder, Script, chunks};
use crate::standing::Find;
use crate::store::Store;
use crate::writer::{Numbers, Tx};
use crate::{Result, StoreError};

/// What became of a posted listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ingested {
    /// Our number for it.
    pub id: ListingId,
    /// What it asks now; what the posting left out is as it was.
    pub price: Price,
    /// Whether it was new.
    pub outcome: Outcome,
}

/// Whether a posted listing was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody had seen it before.
    Created,
    /// It was known, and its price, text, place or picture changed.
    Updated {
        /// The price before, where it changed.
        previous_price: Option<Price>,
    },
    /// It was known as it is.
    Unchanged,
}

impl Store {
    /// Stores listings and tells what is new about them; all or none, answered in their order.
    pub async fn ingest(&self, listings: Vec<NewListing>) -> Result<Vec<Ingested>> {
        if listings.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |tx| Box::pin(async move { Batch::load(tx, &listings).await?.store(tx).await })).await
    }
}

/// The postings of one call, brought together with what the store knows of their listings.
struct Batch<'a> {
    slots: Slots<'a>,
    listings: &'a [NewListing],
    prices: Vec<PriceRow>,
    finds: Vec<Find>,
    events: Vec<NewEvent>,
}

struct PriceRow {
    point: i64,
    listing: ListingId,
    price: Price,
    currency: Currency,
}

impl<'a> Batch<'a> {
    async fn load(tx: &mut Tx, listings: &'a [NewListing]) -> Result<Self> {
        let slots = Slots::load(tx, listings).await?;
        if tx.match_on_arrival {
            tx.follow_queries().await?;
        }
        let mut batch = Self { slots, listings, prices: Vec::new(), finds: Vec::new(), events: Vec::new() };
        batch.give_first_points(&mut tx.numbers);
        Ok(batch)
    }

    async fn store(mut self, tx: &mut Tx) -> Result<Vec<Ingested>> {
        let again = reposts::find(tx, &mut self.slots).await?;
        insert_new(tx, &mut self.slots).await?;
        self.insert_revived(tx).await?;
        reposts::note(tx, &mut self.slots, &again).await?;
        let mut results = Vec::with_capacity(self.listings.len());
        for (posting, new) in self.listings.iter().enumerate() {
            results.push(self.post(tx, posting, new));
        }
        for slot in self.slots.iter().filter(|slot| slot.changed) {
            update(tx, &slot.known).await?;
        }
        let is_to_index = |slot: &&Slot<'_>| slot.changed || slot.origin != Origin::Stored;
        let to_index: Vec<&Listing> = self.slots.iter().filter(is_to_index).map(|slot| &slot.known.listing).collect();
        let mut script = tx.script();
        self.slots.note_names(&mut script);
        words::put(&mut script, &to_index);
        insert_prices(&mut script, &self.prices, micros(tx.now));
        if !self.finds.is_empty() {
            script.run(&mut tx.conn).await?;
            // Whoever waits for a listing hears of it before everyone does.
            tx.tell_finds(&self.finds).await?;
        }
        tx.emit_with(script, &self.events).await?;
        Ok(results)
    }

    /// Gives new listings the price points that they are first seen with, and those that come back a new one.
    fn give_first_points(&mut self, numbers: &mut Numbers) {
        for slot in self.slots.iter_mut().filter(|slot| slot.origin == Origin::New) {
            numbers.price_point += 1;
            slot.known.first_point = numbers.price_point;
        }
    }

    /// Notes the listing's price as the newest, and gives its number.
    fn push_price(&mut self, numbers: &mut Numbers, slot: usize, price: Price) -> i64 {
        numbers.price_point += 1;
        let (point, listing) = (numbers.price_point, &self.slots[slot].known.listing);
        self.prices.push(PriceRow { point, listing: listing.id, price, currency: listing.currency });
        point
    }

    /// Gives listings that were pruned their rows back, under their old numbers.
    async fn insert_revived(&mut self, tx: &mut Tx) -> Result<()> {
        for slot in self.slots.iter().filter(|slot| matches!(slot.origin, Origin::Pruned(_))) {
            insert_listings(std::iter::once(&slot.known), true).build().execute(&mut tx.conn).await?;
            sql::query("DELETE FROM pruned_listings WHERE id = $1")
                .bind(slot.known.listing.id.get())
                .execute(&mut tx.conn)
                .await?;
        }
        Ok(())
    }

    /// Notes what one posting means: an outcome, and what is to be written and told.
    fn post(&mut self, tx: &mut Tx, posting: usize, new: &NewListing) -> Ingested {
        let at = self.slots.slot_of[posting];
        let slot = &mut self.slots[at];
        let (id, origin, first) = (slot.known.listing.id, slot.origin, slot.first_posting == posting);
        let previous = match origin {
            Origin::New if first => {
                let Known { listing, first_point, .. } = &slot.known;
                let (price, point) = (listing.price, *first_point);
                self.prices.push(PriceRow { point, listing: id, price, currency: listing.currency });
                self.events.push(told(EventKind::NewListing, listing));
                tx.find_queries(listing, point, point, &mut self.finds);
                return Ingested { id, price, outcome: Outcome::Created };
            }
            Origin::Pruned(price) if first => price,
            _ => slot.known.listing.price,
        };
        let change = match origin {
            Origin::Pruned(kept) if first => {
                let change = if slot.known.listing.price == kept { Change::Nothing } else { Change::Price };
                // What it asked when it was last known is part of its history again.
                self.push_price(&mut tx.numbers, at, kept);
                change
            }
            _ => {
                let change = slot.known.post(new, tx.now);
                slot.changed |= change > Change::Nothing;
                change
            }
        };
        let price = self.slots[at].known.listing.price;
        let point = match change {
            Change::Price => self.push_price(&mut tx.numbers, at, price),
            _ => tx.numbers.price_point,
        };
        if change <= Change::Silent {
            return Ingested { id, price, outcome: Outcome::Unchanged };
        }
        let Known { listing, first_point, .. } = &mut self.slots[at].known;
        tx.find_queries(listing, *first_point, point, &mut self.finds);
        listing.previous_price = Some(previous);
        self.events.push(told(EventKind::ListingUpdated, listing));
        let previous_price = (change == Change::Price).then_some(previous);
        Ingested { id, price, outcome: Outcome::Updated { previous_price } }
    }
}

/// Gives new listings their rows and numbers.
pub(super) async fn insert_new(tx: &mut Tx, slots: &mut Slots<'_>) -> Result<()> {
    let mut new: Vec<&mut Slot<'_>> = slots.iter_mut().filter(|slot| slot.origin == Origin::New).collect();
    let mut ids: HashMap<(String, String), i64> = HashMap::with_capacity(new.len());
    for chunk in chunks(&new) {
        let mut insert = insert_listings(chunk.iter().map(|slot| &slot.known), false);
        insert.push(" RETURNING source, link_key, id");
        // The order of what is returned is not promised.
        let rows: Vec<(String, String, i64)> = insert.build_query_as().fetch_all(&mut tx.conn).await?;
        ids.extend(rows.into_iter().map(|(source, link_key, id)| ((source, link_key), id)));
    }
    for slot in &mut new {
        let identity = (slot.known.listing.source.to_string(), slot.known.link_key.clone());
        let id = ids.get(&identity).ok_or_else(|| StoreError::Corrupt("a row without a number".to_owned()))?;
        slot.known.listing.id = (*id).into();
    }
    Ok(())
}

fn told(kind: EventKind, listing: &Listing) -> NewEvent {
    NewEvent { kind, audience: Audience::Everyone, payload: listing.to_payload().to_string() }
}

fn insert_listings<'a>(listings: impl Iterator<Item = &'a Known>, with_id: bool) -> QueryBuilder {
    let mut insert = QueryBuilder::new("INSERT INTO listings (");
    insert.push(if with_id { "id, " } else { "" });
    insert.push(
        "source, link_key, link, title, price_kind, price_minor, price_units, currency, negotiable, location, \
         image_url, description, external_id, created_at, first_seen_at, updated_at, seen_at, first_point, \
         repost_key, reposted_of) ",
    );
    insert.push_values(listings, |mut row, known| {
        let listing = &known.listing;
        if with_id {
            row.push_bind(listing.id.get());
        }
        row.push_bind(listing.source.as_str()).push_bind(known.link_key.as_str()).push_bind(listing.link.as_str());
        row.push_bind(listing.title.as_str()).push_bind(listing.price.kind()).push_bind(minor(listing.price));
        row.push_bind(units(listing.price)).push_bind(listing.currency.to_string()).push_bind(listing.negotiable);
        row.push_bind(listing.location.as_deref()).push_bind(listing.image_url.as_deref());
        row.push_bind(listing.description.as_deref()).push_bind(listing.external_id.as_deref());
        row.push_bind(micros(listing.created_at)).push_bind(micros(listing.first_seen_at));
        row.push_bind(micros(listing.updated_at)).push_bind(micros(known.seen_at)).push_bind(known.first_point);
        row.push_bind(reposts::key(listing)).push_bind(listing.reposted_of.map(ListingId::get));
    });
    insert
}

async fn update(tx: &mut Tx, known: &Known) -> Result<()> {
    let listing = &known.listing;
    sql::query(
        "UPDATE listings SET title = $1, price_kind = $2, price_minor = $3, price_units = $4, currency = $5, \
         negotiable = $6, location = $7, image_url = $8, description = $9, external_id = $10, updated_at = $11, \
         seen_at = $12, repost_key = $13 WHERE id = $14",
    )
    .bind(&listing.title)
    .bind(listing.price.kind())
    .bind(minor(listing.price))
    .bind(units(listing.price))
    .bind(listing.currency.as_str())
    .bind(listing.negotiable)
    .bind(&listing.location)
    .bind(&listing.image_url)
    .bind(&listing.description)
    .bind(&listing.external_id)
    .bind(micros(listing.updated_at))
    .bind(micros(known.seen_at))
    .bind(reposts::key(listing))
    .bind(listing.id.get())
    .execute(&mut tx.conn)
    .await?;
    Ok(())
}

fn insert_prices(script: &mut Script, prices: &[PriceRow], at: i64) {
    for chunk in chunks(prices) {
        let insert = script
            .begin(chunk.len())
            .push("INSERT INTO price_history (id, listing_id, at, price_kind, price_minor, currency) ");
        insert.push_values(chunk, |mut row, price| {
            row.push_bind(price.point).push_bind(price.listing.get()).push_bind(at).push_bind(price.price.kind());
            row.push_bind(minor(price.price)).push_bind(price.currency.to_string());
        });
    }
}
