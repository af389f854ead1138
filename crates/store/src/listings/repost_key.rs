//! Key for finding reposts.

use sha2::{Digest as _, Sha256};
use superbot_domain::Listing;

use crate::first_reader::first_normalised;

/// Hashes what a repost has in common with the original, apart from the price: source, title and location.
///
/// `None` without a location: a title alone is too ambiguous, and a false match would suppress an alert.
///
/// Keys outlive their listings. So texts are compared as the first version of the program did, whatever queries do: an ad
/// whose key was made by another rule would be new to everyone when it is posted again under a new link.
pub(super) fn repost_key(listing: &Listing) -> Option<i64> {
    let place = first_normalised(listing.details.location.as_deref()?);
    let title = first_normalised(&listing.title);
    if place.is_empty() || title.is_empty() {
        return None;
    }
    let digest = Sha256::digest(format!("{}\n{title}\n{place}", listing.source));
    digest.first_chunk().map(|bytes| i64::from_be_bytes(*bytes))
}
