//! A listing as a page, a feed or a mail shows it, before it is checked.

use crate::field::FieldError;
use crate::link::ListingLink;
use crate::listing::{ListingDetails, NewListing};
use crate::money::Currency;
use crate::price::ParsedPrice;
use crate::reader_version::ReaderScope;
use crate::source::SourceName;
use crate::time::Timestamp;

/// What is known of a listing; readers set what they know and leave the rest at its default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundListing {
    /// What the ad is about, on one line.
    pub title: String,
    /// The absolute address of the ad.
    pub link: String,
    /// The asking price.
    pub price: ParsedPrice,
    /// Its optional parts; the picture's address is absolute.
    pub details: ListingDetails,
    /// When the ad was posted.
    pub created_at: Option<Timestamp>,
    /// Names that the site gives to this ad and to no other; an ad keeps them when its address changes.
    pub aliases: Vec<String>,
}

impl FoundListing {
    /// The listing under the site's own id, where that names this ad and no other.
    #[must_use]
    pub fn with_site_id(mut self, id: Option<String>) -> Self {
        self.aliases.extend(id.clone());
        self.details.external_id = id;
        self
    }

    /// The listing of that source; its price is in `currency` where the page does not say.
    ///
    /// # Errors
    /// When the link cannot be followed, or nothing is left of the title.
    pub fn into_listing(self, source: &SourceName, currency: Currency) -> Result<NewListing, FieldError> {
        let listing = NewListing {
            title: self.title,
            link: ListingLink::parse(&self.link).map_err(|error| error.at("link"))?,
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
