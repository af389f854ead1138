//! Writing listings.

use super::identity::{Origin, Slots};
use super::known::{Known, ListingRow};
use crate::error::Result;
use crate::numbers::Numbers;
use crate::sql::{self, Conn, Query, UpdateRecord as _, chunks};

/// Assigns ids to new listings.
pub(crate) fn give_numbers(slots: &mut Slots<'_>, numbers: &mut Numbers) {
    for slot in slots.iter_mut().filter(|slot| slot.origin == Origin::New) {
        slot.known.listing.id = numbers.next_listing();
    }
}

/// Inserts new listings.
pub(crate) async fn insert_new(conn: &mut Conn, slots: &Slots<'_>) -> Result<()> {
    let new: Vec<&Known> = slots.iter().filter(|slot| slot.origin == Origin::New).map(|slot| &slot.known).collect();
    for chunk in chunks(&new) {
        insert_listings(chunk).execute(conn).await?;
    }
    Ok(())
}

/// Returns the statement that inserts listings.
pub(crate) fn insert_listings(listings: &[&Known]) -> Query {
    sql::insert(listings.iter().map(|known| ListingRow::from(*known))).build()
}

/// Returns the statement that updates a listing's mutable columns.
pub(crate) fn update(known: &Known) -> Query {
    ListingRow::from(known).update().build()
}
