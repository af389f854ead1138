//! One published listing, parsed and as a result.

use superbot_domain::{Invalid, NewListing};
use superbot_store::{Ingested, Outcome};
use superbot_wire::{ItemResult, ItemStatus};

/// A validated listing, or its errors by field.
pub type ParsedListing = Result<NewListing, Invalid>;
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
        previous_price: previous_price.map(|price| price.to_json()),
        error: None,
    }
}
