//! Taking listings in: what is new is stored and told, what changed is updated and told, all in one go.

use superbot_domain::{Audience, Currency, EventKind, Listing, ListingId, NewListing, Price};

use super::identity::{Origin, Slot, Slots};
use super::known::{Change, Known, price_fall};
use super::{reposts, words};
use crate::error::Result;
use crate::events::NewEvent;
use crate::numbers::Numbers;
use crate::rows::{micros, minor, units};
use crate::sql::{self, Conn, Query, QueryBuilder, chunks};
use crate::standing::Find;
use crate::store::Store;
use crate::tx::Tx;

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
        let mut slots = Slots::group(listings, tx.now);
        slots.find(tx).await?;
        let wanted = reposts::wanted(&slots);
        let repeated = reposts::find(tx, &wanted).await?;
        if tx.match_on_arrival {
            tx.follow_queries().await?;
        }
        give_numbers(&mut slots, &mut tx.numbers);
        reposts::link(&mut slots, wanted, &repeated);
        for slot in slots.iter_mut().filter(|slot| slot.origin == Origin::New) {
            tx.numbers.price_point += 1;
            slot.known.first_point = tx.numbers.price_point;
        }
        Ok(Self { slots, listings, prices: Vec::new(), finds: Vec::new(), events: Vec::new() })
    }

    async fn store(mut self, tx: &mut Tx) -> Result<Vec<Ingested>> {
        insert_new(&mut tx.conn, &self.slots).await?;
        self.insert_revived(&mut tx.conn).await?;
        let mut results = Vec::with_capacity(self.listings.len());
        for (posting, new) in self.listings.iter().enumerate() {
            results.push(self.post(tx, posting, new));
        }
        for slot in self.slots.iter().filter(|slot| slot.changed) {
            update(&slot.known).execute(&mut tx.conn).await?;
        }
        let is_to_index = |slot: &&Slot<'_>| slot.changed || slot.origin != Origin::Stored;
        let to_index: Vec<&Listing> = self.slots.iter().filter(is_to_index).map(|slot| &slot.known.listing).collect();
        self.slots.note_names(&mut tx.conn).await?;
        words::put(&mut tx.conn, &to_index).await?;
        let at = micros(tx.now);
        insert_prices(&mut tx.conn, &self.prices, at).await?;
        // Whoever waits for a listing hears of it before everyone does.
        tx.tell_finds(&self.finds).await?;
        tx.emit_all(self.events).await?;
        Ok(results)
    }

    /// Notes the listing's price as the newest, and gives its number.
    fn push_price(&mut self, numbers: &mut Numbers, slot: usize, price: Price) -> i64 {
        numbers.price_point += 1;
        let (point, listing) = (numbers.price_point, &self.slots[slot].known.listing);
        self.prices.push(PriceRow { point, listing: listing.id, price, currency: listing.currency });
        point
    }

    /// Gives listings that were pruned their rows back, under their old numbers.
    async fn insert_revived(&self, conn: &mut Conn) -> Result<()> {
        for slot in self.slots.iter().filter(|slot| matches!(slot.origin, Origin::Pruned(_))) {
            insert_listings(&[&slot.known]).execute(conn).await?;
            let delete = sql::query("DELETE FROM pruned_listings WHERE id = $1");
            delete.bind(slot.known.listing.id.get()).execute(conn).await?;
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
            Change::Price => {
                let slot = &mut self.slots[at];
                slot.known.price_fall = price_fall(previous, price);
                // The row of a revived listing is there already, without the fall.
                slot.changed |= slot.known.price_fall.is_some();
                self.push_price(&mut tx.numbers, at, price)
            }
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

/// Gives new listings their numbers.
pub(super) fn give_numbers(slots: &mut Slots<'_>, numbers: &mut Numbers) {
    for slot in slots.iter_mut().filter(|slot| slot.origin == Origin::New) {
        slot.known.listing.id = numbers.next_listing();
    }
}

/// Gives new listings their rows.
pub(super) async fn insert_new(conn: &mut Conn, slots: &Slots<'_>) -> Result<()> {
    let new: Vec<&Known> = slots.iter().filter(|slot| slot.origin == Origin::New).map(|slot| &slot.known).collect();
    for chunk in chunks(&new) {
        insert_listings(chunk).execute(conn).await?;
    }
    Ok(())
}

fn told(kind: EventKind, listing: &Listing) -> NewEvent {
    NewEvent { kind, audience: Audience::Everyone, payload: listing.to_payload().to_string() }
}

fn insert_listings(listings: &[&Known]) -> Query {
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

fn update(known: &Known) -> Query {
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

async fn insert_prices(conn: &mut Conn, prices: &[PriceRow], at: i64) -> Result<()> {
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
