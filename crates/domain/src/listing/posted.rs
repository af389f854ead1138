//! Listings as programs post them, with warnings about optional fields that were not usable as given.

use serde_json::Value;

use super::read::NEEDS;
use super::{ListingDraft, NewListing};
use crate::field::{FieldError, InvalidFields};
use crate::money::Currency;
use crate::resource::{RequestKind, RequestResource};

/// A posted listing, and what was wrong with its optional fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedListing {
    /// The listing, without the parts that could not be used.
    pub listing: NewListing,
    /// One for each optional field that was left out, cut, or read as something else; the message says which.
    pub warnings: Vec<FieldError>,
}

impl PostedListing {
    /// Parses a listing from a JSON object; `default_currency` applies to prices that state none.
    ///
    /// # Errors
    /// If title, link or source are missing or invalid; no other field rejects a listing.
    pub fn from_json(value: &Value, default_currency: Currency) -> Result<Self, InvalidFields> {
        let blank = ListingDraft::new(default_currency);
        let (draft, warnings) =
            NewListing::FIELDS.read_with_warnings(value, RequestKind::Create, blank, default_currency)?;
        // Missing required fields are errors above, so `build` cannot fail here.
        let listing = draft.build().ok_or_else(|| InvalidFields::one("", NEEDS))?;
        Ok(Self { listing, warnings })
    }
}

impl From<NewListing> for PostedListing {
    fn from(listing: NewListing) -> Self {
        Self { listing, warnings: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
