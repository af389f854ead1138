//! Taking listings in: what is new is stored and told, what changed is updated and told, all in one go.

use superbot_domain::{Audience, Listing, ListingId, NewListing, Price};
use superbot_wire as wire;

use crate::error::Result;
use crate::events::NewEvent;
use crate::handles::ListingStore;
use crate::listings::price_history::{CorrectedPrice, NewPrice, correct_prices, insert_prices};
use crate::listings::write::{give_numbers, insert_listings, insert_new, update};
use crate::listings::{Change, Known, Origin, Posted, Slot, Slots, price_fall, reposts, words};
use crate::numbers::Numbers;
use crate::rows::micros;
use crate::sql::{self, Conn};
use crate::standing::Find;
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

impl ListingStore<'_> {
    /// Stores listings and tells what is new about them; all or none, answered in their order.
    pub async fn ingest(self, listings: Vec<NewListing>) -> Result<Vec<Ingested>> {
        if listings.is_empty() {
            return Ok(Vec::new());
        }
        self.store.write(async move |tx| Batch::load(tx, &listings).await?.store(tx).await).await
    }
}

/// The postings of one call, brought together with what the store knows of their listings.
struct Batch<'a> {
    slots: Slots<'a>,
    listings: &'a [NewListing],
    prices: Vec<NewPrice>,
    corrected: Vec<CorrectedPrice>,
    finds: Vec<Find>,
    events: Vec<NewEvent>,
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
        Ok(Self { slots, listings, prices: Vec::new(), corrected: Vec::new(), finds: Vec::new(), events: Vec::new() })
    }

    async fn store(mut self, tx: &mut Tx) -> Result<Vec<Ingested>> {
        insert_new(&mut tx.conn, &self.slots).await?;
        self.insert_revived(&mut tx.conn).await?;
        let mut results = Vec::with_capacity(self.listings.len());
        for (posting, new) in self.listings.iter().enumerate() {
            results.push(self.post(tx, posting, new)?);
        }
        for slot in self.slots.iter().filter(|slot| slot.changed) {
            update(&slot.known).execute(&mut tx.conn).await?;
        }
        let is_to_index = |slot: &&Slot<'_>| slot.changed || slot.origin != Origin::Stored;
        let to_index: Vec<&Listing> = self.slots.iter().filter(is_to_index).map(|slot| &slot.known.listing).collect();
        self.slots.note_names(&mut tx.conn).await?;
        words::put(&mut tx.conn, &to_index).await?;
        // Before others are added: it is the newest ones that are corrected.
        correct_prices(&mut tx.conn, &self.corrected).await?;
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
        self.prices.push(NewPrice { point, listing: listing.id, price, currency: listing.currency });
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
    fn post(&mut self, tx: &mut Tx, posting: usize, new: &NewListing) -> Result<Ingested> {
        let at = self.slots.slot_of[posting];
        let slot = &mut self.slots[at];
        let (id, origin, first) = (slot.known.listing.id, slot.origin, slot.first_posting == posting);
        let mut previous = match origin {
            Origin::New if first => {
                let Known { listing, first_point, .. } = &slot.known;
                let (price, point) = (listing.price, *first_point);
                self.prices.push(NewPrice { point, listing: id, price, currency: listing.currency });
                self.events.push(NewEvent::of(Audience::Everyone, &wire::Listing::from(listing))?);
                tx.find_queries(listing, point, point, &mut self.finds);
                return Ok(Ingested { id, price, outcome: Outcome::Created });
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
                let Posted { change, corrects_price } = slot.known.post(new, tx.now);
                slot.changed |= change > Change::Nothing;
                if corrects_price {
                    let Listing { price, currency, .. } = slot.known.listing;
                    self.corrected.push(CorrectedPrice { listing: id, price, currency });
                    previous = price;
                }
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
            return Ok(Ingested { id, price, outcome: Outcome::Unchanged });
        }
        let Known { listing, first_point, .. } = &mut self.slots[at].known;
        tx.find_queries(listing, *first_point, point, &mut self.finds);
        // An amount in another currency, or for another period, would be read as one in the listing's.
        let previous = previous.in_unit(listing.currency, listing.price.per());
        listing.previous_price = Some(previous);
        self.events.push(NewEvent::of(Audience::Everyone, &wire::ListingUpdate::from(&*listing))?);
        // It belongs to this update: what is found by a later posting of the same call is shown without it.
        listing.previous_price = None;
        let previous_price = (change == Change::Price).then_some(previous);
        Ok(Ingested { id, price, outcome: Outcome::Updated { previous_price } })
    }
}
