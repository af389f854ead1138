//! One published listing, parsed and as a result.

use superbot_domain::{InvalidFields, PostedListing};
use superbot_store::{IngestOutcome, IngestedListing};
use superbot_wire::{ItemResult, ItemStatus};

/// A validated listing with its warnings, or the errors that reject it.
pub type ParsedListing = Result<PostedListing, InvalidFields>;

pub(super) fn stored_result(ingested: IngestedListing) -> ItemResult {
    let (status, previous_price) = match ingested.outcome {
        IngestOutcome::Created => (ItemStatus::Created, None),
        IngestOutcome::Updated { previous_price } => (ItemStatus::Updated, previous_price),
        IngestOutcome::Unchanged => (ItemStatus::Unchanged, None),
    };
    ItemResult {
        status,
        line: None,
        id: Some(ingested.id.get()),
        price: ingested.price.to_json(),
        price_per: ingested.price.per(),
        previous_price: previous_price.map(|price| price.to_json()),
        warnings: Vec::new(),
        error: None,
    }
}
