//! Import of another program's listings, without events or notifications.

use superbot_domain::{Listing, ListingId, NewListing, Timestamp};

use super::identity::{ListingUpserts, UpsertOrigin, former_keys};
use super::words;
use super::write::{give_numbers, insert_new};
use crate::error::Result;
use crate::tx::StoreTx;

/// Result of importing a listing.
pub(crate) struct ImportedRow {
    /// Id in this store; `None` if the listing was pruned earlier.
    pub(crate) id: Option<ListingId>,
    /// False if the listing existed; it is left unchanged.
    pub(crate) is_new: bool,
    /// Time of posting.
    pub(crate) created_at: Timestamp,
}

impl StoreTx {
    /// Stores unknown listings as if they predated all standing queries: without a first price point, so that no query
    /// reports them as new, and first seen when the other program saw them.
    pub(crate) async fn import_listings(&mut self, listings: &[NewListing]) -> Result<Vec<ImportedRow>> {
        let former = former_keys(self, listings);
        let mut slots = ListingUpserts::group(listings, &former, self.now, self.recurring_price);
        slots.find(self).await?;
        give_numbers(&mut slots, &mut self.numbers);
        for slot in slots.iter_mut().filter(|slot| slot.origin == UpsertOrigin::New) {
            let listing = &mut slot.known.listing;
            listing.first_seen_at = listing.created_at.min(self.now);
            listing.updated_at = listing.first_seen_at;
        }
        insert_new(&mut self.conn, &slots).await?;
        let new = slots.iter().filter(|slot| slot.origin == UpsertOrigin::New).map(|slot| &slot.known.listing);
        words::put(&mut self.conn, &new.collect::<Vec<&Listing>>()).await?;
        let taken = slots.slot_of.iter().enumerate().map(|(posting, slot)| {
            let slot = &slots[*slot];
            let id = (!matches!(slot.origin, UpsertOrigin::Pruned(_))).then_some(slot.known.listing.id);
            let is_new = slot.origin == UpsertOrigin::New && slot.first_posting == posting;
            ImportedRow { id, is_new, created_at: slot.known.listing.created_at }
        });
        Ok(taken.collect())
    }
}
