//! Listings as found on a page, in a feed or in a mail, before validation.

use crate::field::FieldError;
use crate::link::ListingLink;
use crate::listing::{ListingDetails, NewListing};
use crate::money::Currency;
use crate::price::ParsedPrice;
use crate::reader_version::ReaderScope;
use crate::source::SourceName;
use crate::time::Timestamp;

/// A listing as found; adapters set the fields they know and leave the rest at their defaults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundListing {
    /// Title; may contain several lines.
    pub title: String,
    /// Absolute URL of the ad.
    pub link: String,
    /// The asking price.
    pub price: ParsedPrice,
    /// Optional details; the picture's URL is absolute.
    pub details: ListingDetails,
    /// Time of posting, if the page states it.
    pub created_at: Option<Timestamp>,
    /// Names that identify this ad within its site even if its URL changes.
    pub aliases: Vec<String>,
    /// Distinguishes this ad from others of its page that have the same address.
    pub link_key: Option<String>,
}

impl FoundListing {
    /// Sets the site's own id, which must identify exactly this ad.
    #[must_use]
    pub fn with_site_id(mut self, id: Option<String>) -> Self {
        self.aliases.extend(id.clone());
        self.details.external_id = id;
        self
    }

    /// Validates the listing; `currency` applies if the page states none.
    ///
    /// # Errors
    /// If the link is not a valid web address, or the title is empty.
    pub fn into_listing(self, source: &SourceName, currency: Currency) -> Result<NewListing, FieldError> {
        let link = ListingLink::parse(&self.link).map_err(|error| error.at("link"))?;
        let listing = NewListing {
            title: self.title,
            link: self.link_key.iter().fold(link, |link, key| link.with_key(key)),
            source: source.clone(),
            currency: self.price.price.money().map_or(currency, |money| money.currency),
            price: self.price,
            details: self.details,
            created_at: self.created_at,
            aliases: self.aliases,
            read_from_text: ReaderScope::Everything,
        };
        listing.cleaned().map_err(|error| error.at("title"))
    }
}
