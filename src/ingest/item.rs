//! One published listing: as it was parsed, and its result.

use superbot_domain::{Invalid, NewListing};
use superbot_store::{Ingested, Outcome};
use superbot_wire::{ItemResult, ItemStatus};

/// A listing as it was parsed, or what is wrong with it.
pub type ParsedListing = Result<NewListing, Invalid>;

/// The result of a listing that the store took.
pub(super) fn stored_result(ingested: Ingested) -> ItemResult {
    let (status, previous_price) = match ingested.outcome {
        Outcome::Created => (ItemStatus::Created, None),
        Outcome::Updated { previous_price } => (ItemStatus::Updated, previous_price),
        Outcome::Unchanged => (ItemStatus::Unchanged, None),
    };
    ItemResult {
        status,
        line: None,
        id: Some(ingested.id.get()),
        price: ingested.price.to_json(),
        price_per: ingested.price.per(),
        previous_price: previous_price.map(|price| price.to_json()),
        error: None,
    }
}
