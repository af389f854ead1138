//! Writing listings.

use super::identity::{ListingUpserts, UpsertOrigin};
use super::known::{ListingRow, StoredListing};
use crate::error::Result;
use crate::sequences::StoreSequences;
use crate::sql::{self, SqlConn, SqlQuery, UpdateRecord as _, chunks};

/// Assigns ids to new listings.
pub(crate) fn give_numbers(slots: &mut ListingUpserts<'_>, numbers: &mut StoreSequences) {
    for slot in slots.iter_mut().filter(|slot| slot.origin == UpsertOrigin::New) {
        slot.known.listing.id = numbers.next_listing();
    }
}

/// Inserts new listings.
pub(crate) async fn insert_new(conn: &mut SqlConn, slots: &ListingUpserts<'_>) -> Result<()> {
    let new: Vec<&StoredListing> =
        slots.iter().filter(|slot| slot.origin == UpsertOrigin::New).map(|slot| &slot.known).collect();
    for chunk in chunks(&new) {
        insert_listings(chunk).execute(conn).await?;
    }
    Ok(())
}

/// Returns the statement that inserts listings.
pub(crate) fn insert_listings(listings: &[&StoredListing]) -> SqlQuery {
    sql::insert(listings.iter().map(|known| ListingRow::from(*known))).build()
}

/// Returns the statement that updates a listing's mutable columns.
pub(crate) fn update(known: &StoredListing) -> SqlQuery {
    ListingRow::from(known).update().build()
}
