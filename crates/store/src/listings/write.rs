//! How listings are written.

use super::identity::{Origin, Slots};
use super::known::{Known, ListingRow};
use crate::error::Result;
use crate::numbers::Numbers;
use crate::sql::{self, SqlConn, SqlQuery, UpdateRecord as _, chunks};

/// Gives new listings their numbers.
pub(crate) fn give_numbers(slots: &mut Slots<'_>, numbers: &mut Numbers) {
    for slot in slots.iter_mut().filter(|slot| slot.origin == Origin::New) {
        slot.known.listing.id = numbers.next_listing();
    }
}

/// Gives new listings their rows.
pub(crate) async fn insert_new(conn: &mut SqlConn, slots: &Slots<'_>) -> Result<()> {
    let new: Vec<&Known> = slots.iter().filter(|slot| slot.origin == Origin::New).map(|slot| &slot.known).collect();
    for chunk in chunks(&new) {
        insert_listings(chunk).execute(conn).await?;
    }
    Ok(())
}

/// The statement that gives listings their rows.
pub(crate) fn insert_listings(listings: &[&Known]) -> SqlQuery {
    sql::insert(listings.iter().map(|known| ListingRow::from(*known))).build()
}

/// The statement that writes what has changed about a listing.
pub(crate) fn update(known: &Known) -> SqlQuery {
    ListingRow::from(known).update().build()
}
