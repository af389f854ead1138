//! Conversion of listings for matching.

use superbot_domain::Listing;
use superbot_matching::Facts;

/// Returns the facts of a listing on which matching depends.
pub(super) fn facts(listing: &Listing) -> Facts<'_> {
    Facts {
        title: &listing.title,
        description: listing.details.description.as_deref().unwrap_or_default(),
        price: listing.price,
        source: &listing.source,
        location: listing.details.location.as_deref().unwrap_or_default(),
    }
}
