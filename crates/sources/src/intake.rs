//! What was found on a page, as a listing to be taken in.

use superbot_domain::{Currency, FieldError, ListingLink, NewListing, SourceName};

use crate::page::Found;

impl Found {
    /// The listing of that source; its price is in `currency` where it does not say.
    ///
    /// # Errors
    /// When its link is none that could be followed, or nothing is left of its title.
    pub fn into_listing(self, source: &SourceName, currency: Currency) -> Result<NewListing, FieldError> {
        let listing = NewListing {
            title: self.title,
            link: ListingLink::parse(&self.link).map_err(|error| error.at("link"))?,
            source: source.clone(),
            currency: self.price.price.money().map_or(currency, |money| money.currency),
            price: self.price,
            description: self.description,
            location: self.location,
            image_url: self.image_url,
            external_id: self.external_id,
            created_at: self.created_at,
            aliases: self.aliases,
        };
        listing.cleaned().map_err(|error| error.at("title"))
    }
}
