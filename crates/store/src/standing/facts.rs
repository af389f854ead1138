//! Listings as standing queries see them.

use superbot_domain::Listing;
use superbot_matching::Facts;

/// What of a listing decides whether it matches.
pub(super) fn facts(listing: &Listing) -> Facts<'_> {
    Facts {
        title: &listing.title,
        description: listing.details.description.as_deref().unwrap_or_default(),
        price: listing.price,
        source: &listing.source,
        location: listing.details.location.as_deref().unwrap_or_default(),
    }
}
