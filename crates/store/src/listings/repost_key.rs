//! What reposts are found by.

use sha2::{Digest as _, Sha256};
use superbot_domain::Listing;
use superbot_matching::normalised;

/// What ads have in common, but for the price, that repeat each other: source, title and place.
///
/// None where there is no place: a title alone says too little, and taking two things for one would lose an alert.
pub(super) fn repost_key(listing: &Listing) -> Option<i64> {
    let place = normalised(listing.details.location.as_deref()?);
    let title = normalised(&listing.title);
    if place.is_empty() || title.is_empty() {
        return None;
    }
    let digest = Sha256::digest(format!("{}\n{title}\n{place}", listing.source));
    digest.first_chunk().map(|bytes| i64::from_be_bytes(*bytes))
}
