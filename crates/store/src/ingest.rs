//! Ingestion: stores new listings, updates known ones, and emits events and notifications, in one transaction.

use superbot_domain::{Audience, Listing, ListingId, NewListing, Price};
use superbot_wire as wire;

use crate::error::Result;
use crate::events::NewEvent;
use crate::handles::ListingStore;
use crate::listings::price_history::{CorrectedPrice, NewPrice, correct_prices, insert_prices};
use crate::listings::write::{give_numbers, insert_listings, insert_new, update};
use crate::listings::{
    ListingChange, ListingUpsert, ListingUpserts, Posted, StoredListing, UpsertOrigin, former_keys, price_fall,
    reposts, words,
};
use crate::rows::micros;
use crate::sequences::StoreSequences;
use crate::sql::{self, SqlConn};
use crate::standing::MatchCandidate;
use crate::tx::StoreTx;

/// Result of ingesting one posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IngestedListing {
    /// Id of the listing.
    pub id: ListingId,
    /// Current price; if the posting has none, the known price remains.
    pub price: Price,
    /// Whether the posting created or changed the listing.
    pub outcome: IngestOutcome,
}

/// Effect of a posting on the stored listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IngestOutcome {
    /// The listing was unknown.
    Created,
    /// The listing was known, and a shown field changed.
    Updated {
        /// The previous price if the price changed.
        previous_price: Option<Price>,
    },
    /// The posting contains nothing new.
    Unchanged,
}

impl ListingStore<'_> {
    /// Stores listings and tells what is new about them; all or none, answered in their order.
    pub async fn ingest(self, listings: Vec<NewListing>) -> Result<Vec<IngestedListing>> {
        if listings.is_empty() {
            return Ok(Vec::new());
        }
        self.store
            .write(async move |tx| {
                let former = former_keys(tx, &listings);
                UpsertBatch::load(tx, &listings, &former).await?.store(tx).await
            })
            .await
    }
}

/// Postings of one call, joined with the stored state of their listings.
struct UpsertBatch<'a> {
    slots: ListingUpserts<'a>,
    listings: &'a [NewListing],
    prices: Vec<NewPrice>,
    corrected: Vec<CorrectedPrice>,
    finds: Vec<MatchCandidate>,
    events: Vec<NewEvent>,
}

impl<'a> UpsertBatch<'a> {
    // Order matters: lookups before ids are assigned, ids before reposts are linked to them.
    async fn load(tx: &mut StoreTx, listings: &'a [NewListing], former: &'a [Option<String>]) -> Result<Self> {
        let mut slots = ListingUpserts::group(listings, former, tx.now, tx.recurring_price);
        slots.find(tx).await?;
        let wanted = reposts::wanted(&slots);
        let repeated = reposts::find(tx, &wanted).await?;
        if tx.match_on_arrival {
            tx.follow_queries().await?;
        }
        give_numbers(&mut slots, &mut tx.numbers);
        reposts::link(&mut slots, wanted, &repeated);
        for slot in slots.iter_mut().filter(|slot| slot.origin == UpsertOrigin::New) {
            tx.numbers.price_point += 1;
            slot.known.first_point = tx.numbers.price_point;
        }
        Ok(Self { slots, listings, prices: Vec::new(), corrected: Vec::new(), finds: Vec::new(), events: Vec::new() })
    }

    async fn store(mut self, tx: &mut StoreTx) -> Result<Vec<IngestedListing>> {
        insert_new(&mut tx.conn, &self.slots).await?;
        self.insert_revived(&mut tx.conn).await?;
        let mut results = Vec::with_capacity(self.listings.len());
        for (posting, new) in self.listings.iter().enumerate() {
            results.push(self.post(tx, posting, new)?);
        }
        for slot in self.slots.iter().filter(|slot| slot.changed) {
            update(&slot.known).execute(&mut tx.conn).await?;
        }
        let is_to_index = |slot: &&ListingUpsert<'_>| slot.changed || slot.origin != UpsertOrigin::Stored;
        let to_index: Vec<&Listing> = self.slots.iter().filter(is_to_index).map(|slot| &slot.known.listing).collect();
        self.slots.note_names(&mut tx.conn).await?;
        words::put(&mut tx.conn, &to_index).await?;
        // Before others are added: it is the newest ones that are corrected.
        correct_prices(&mut tx.conn, &self.corrected).await?;
        tx.correct_hits(&self.corrected).await?;
        let at = micros(tx.now);
        insert_prices(&mut tx.conn, &self.prices, at).await?;
        // Personal notifications precede the public events, so that a user hears of a match first.
        tx.notify_matches(&self.finds).await?;
        tx.emit_all(self.events).await?;
        Ok(results)
    }

    /// Records a new price point of the listing and returns its id.
    fn push_price(&mut self, numbers: &mut StoreSequences, slot: usize, price: Price) -> i64 {
        numbers.price_point += 1;
        let point = numbers.price_point;
        let listing = &self.slots[slot].known.listing;
        self.prices.push(NewPrice { point, listing: listing.id, price, currency: listing.currency });
        point
    }

    /// Reinserts pruned listings under their old ids.
    async fn insert_revived(&self, conn: &mut SqlConn) -> Result<()> {
        for slot in self.slots.iter().filter(|slot| matches!(slot.origin, UpsertOrigin::Pruned(_))) {
            insert_listings(&[&slot.known]).execute(conn).await?;
            let delete = sql::query("DELETE FROM pruned_listings WHERE id = $1");
            delete.bind(slot.known.listing.id.get()).execute(conn).await?;
        }
        Ok(())
    }

    /// Determines the outcome of one posting, and collects the prices, matches and events to be written.
    fn post(&mut self, tx: &mut StoreTx, posting: usize, new: &NewListing) -> Result<IngestedListing> {
        let at = self.slots.slot_of[posting];
        let slot = &mut self.slots[at];
        let id = slot.known.listing.id;
        let origin = slot.origin;
        let first = slot.first_posting == posting;
        // Several postings of a call may concern the same listing; only the first can create or revive it.
        let mut previous = match origin {
            UpsertOrigin::New if first => {
                let StoredListing { listing, first_point, .. } = &slot.known;
                let price = listing.price;
                let point = *first_point;
                self.prices.push(NewPrice { point, listing: id, price, currency: listing.currency });
                self.events.push(NewEvent::of(Audience::Everyone, &wire::Listing::from(listing))?);
                tx.find_queries(listing, point, point, &mut self.finds);
                return Ok(IngestedListing { id, price, outcome: IngestOutcome::Created });
            }
            UpsertOrigin::Pruned(kept) if first => kept.price,
            _ => slot.known.listing.price,
        };
        let change = match origin {
            UpsertOrigin::Pruned(kept) if first => {
                let Listing { price, currency, .. } = slot.known.listing;
                if kept.is_corrected {
                    self.corrected.push(CorrectedPrice { listing: id, price, currency });
                }
                // The last known price was pruned with the listing; restore it to the price history.
                self.push_price(&mut tx.numbers, at, kept.price);
                if price == kept.price { ListingChange::Nothing } else { ListingChange::Price }
            }
            _ => {
                let Posted { change, corrects_price } = slot.known.post(new, tx.now, tx.recurring_price);
                slot.changed |= change > ListingChange::Nothing;
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
            ListingChange::Price => {
                let slot = &mut self.slots[at];
                slot.known.price_fall = price_fall(previous, price);
                // A revived listing's row was inserted before this was known, so it needs an update.
                slot.changed |= slot.known.price_fall.is_some();
                self.push_price(&mut tx.numbers, at, price)
            }
            _ => tx.numbers.price_point,
        };
        // Changes that are not shown, such as the time last seen, are stored without an event.
        if change <= ListingChange::Silent {
            return Ok(IngestedListing { id, price, outcome: IngestOutcome::Unchanged });
        }
        let StoredListing { listing, first_point, .. } = &mut self.slots[at].known;
        tx.find_queries(listing, *first_point, point, &mut self.finds);
        // The amount is only meaningful in the currency and for the period in which the listing is shown.
        let previous = previous.in_unit(listing.currency, listing.price.per());
        listing.previous_price = Some(previous);
        self.events.push(NewEvent::of(Audience::Everyone, &wire::ListingUpdate::from(&*listing))?);
        // Specific to this update: later postings of this call must not repeat it.
        listing.previous_price = None;
        let previous_price = (change == ListingChange::Price).then_some(previous);
        Ok(IngestedListing { id, price, outcome: IngestOutcome::Updated { previous_price } })
    }
}
