//! Stored listings, and how another posting changes them.

use superbot_domain::{
    Listing, ListingDetails, ListingId, NewListing, Price, READER_VERSION, ReaderScope, RecurringPrice, SourceName,
    Timestamp,
};

use super::repost_key::repost_key;
use crate::error::Result;
use crate::rows::{currency, micros, minor, price, recurring_units, timestamp, units};
use crate::sql::Record;

#[derive(Record)]
#[record(table = "listings")]
pub(super) struct ListingRow {
    #[record(key)]
    id: i64,
    source: String,
    link_key: String,
    link: String,
    #[record(update)]
    title: String,
    #[record(update)]
    price_kind: String,
    #[record(update)]
    price_minor: Option<i64>,
    #[record(update)]
    price_per: Option<String>,
    /// The price of a sale as compared by filters and sorts.
    #[record(no_select, update)]
    price_units: Option<f64>,
    /// A recurring price as searches compare it.
    #[record(no_select, update)]
    recurring_units: Option<f64>,
    #[record(update)]
    currency: String,
    #[record(update)]
    negotiable: bool,
    #[record(update)]
    location: Option<String>,
    #[record(update)]
    image_url: Option<String>,
    #[record(update)]
    description: Option<String>,
    #[record(update)]
    external_id: Option<String>,
    #[record(update)]
    condition: Option<String>,
    created_at: i64,
    first_seen_at: i64,
    #[record(update)]
    updated_at: i64,
    #[record(update)]
    seen_at: i64,
    first_point: i64,
    /// Key for finding reposts.
    #[record(no_select, update)]
    repost_key: Option<i64>,
    reposted_of: Option<i64>,
    /// Set only when the price changes.
    #[record(no_insert, update)]
    price_fall: Option<f64>,
    #[record(update)]
    reader_version: i64,
    #[record(update)]
    price_reader_version: i64,
}

/// A listing with internal state.
#[derive(Clone)]
pub(crate) struct StoredListing {
    pub(crate) listing: Listing,
    pub(super) link_key: String,
    pub(super) seen_at: Timestamp,
    /// Price point at which it was first seen; queries created later do not report it as new.
    pub(crate) first_point: i64,
    /// Relative decrease of the price in its last change, 0 to 1; `None` if it did not fall.
    pub(crate) price_fall: Option<f64>,
    /// The version of the reader of its texts.
    pub(super) reader_version: i64,
    /// The version of the reader of its price; also that of the program to which a publisher stated it as a number.
    pub(super) price_reader_version: i64,
}

/// Effect of a posting on a known listing, in ascending order of significance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ListingChange {
    Nothing,
    /// Stored, but neither an event nor a notification.
    Silent,
    /// Title, description, location, picture or condition changed.
    Text,
    Price,
}

/// Outcome of posting a known listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(crate) change: ListingChange,
    /// Whether an earlier reader read the same price differently: the newest point of its history was never right.
    pub(crate) corrects_price: bool,
}

impl ListingRow {
    pub(super) fn read(self) -> Result<StoredListing> {
        let currency = currency(&self.currency)?;
        let details = ListingDetails {
            description: self.description,
            location: self.location,
            image_url: self.image_url,
            external_id: self.external_id,
            condition: self.condition.as_deref().map(str::parse).transpose()?,
        };
        let listing = Listing {
            id: self.id.into(),
            title: self.title,
            link: self.link,
            source: SourceName::parse(&self.source)?,
            price: price(&self.price_kind, self.price_minor, self.price_per.as_deref(), currency)?,
            currency,
            details,
            negotiable: self.negotiable,
            created_at: timestamp(self.created_at)?,
            first_seen_at: timestamp(self.first_seen_at)?,
            updated_at: timestamp(self.updated_at)?,
            reposted_of: self.reposted_of.map(ListingId::from),
            previous_price: None,
        };
        Ok(StoredListing {
            listing,
            link_key: self.link_key,
            seen_at: timestamp(self.seen_at)?,
            first_point: self.first_point,
            price_fall: self.price_fall,
            reader_version: self.reader_version,
            price_reader_version: self.price_reader_version,
        })
    }
}

impl From<&StoredListing> for ListingRow {
    fn from(known: &StoredListing) -> Self {
        let listing = &known.listing;
        let ListingDetails { description, location, image_url, external_id, condition } = listing.details.clone();
        Self {
            id: listing.id.get(),
            source: listing.source.as_str().to_owned(),
            link_key: known.link_key.clone(),
            link: listing.link.clone(),
            title: listing.title.clone(),
            price_kind: listing.price.kind().to_owned(),
            price_minor: minor(listing.price),
            price_per: listing.price.per().map(|per| per.as_str().to_owned()),
            price_units: units(listing.price),
            recurring_units: recurring_units(listing.price),
            currency: listing.currency.as_str().to_owned(),
            negotiable: listing.negotiable,
            location,
            image_url,
            description,
            external_id,
            condition: condition.map(|condition| condition.as_str().to_owned()),
            created_at: micros(listing.created_at),
            first_seen_at: micros(listing.first_seen_at),
            updated_at: micros(listing.updated_at),
            seen_at: micros(known.seen_at),
            first_point: known.first_point,
            repost_key: repost_key(listing),
            reposted_of: listing.reposted_of.map(ListingId::get),
            price_fall: known.price_fall,
            reader_version: known.reader_version,
            price_reader_version: known.price_reader_version,
        }
    }
}

impl StoredListing {
    /// Returns a listing as first posted; its id is assigned when it is stored.
    pub(crate) fn first(new: &NewListing, now: Timestamp, recurring_price: RecurringPrice) -> Self {
        let listing = Listing {
            id: 0.into(),
            title: new.title.clone(),
            link: new.link.as_str().to_owned(),
            source: new.source.clone(),
            price: recurring_price.apply(new.price.price),
            currency: new.currency,
            details: new.details.clone(),
            negotiable: new.price.negotiable,
            created_at: new.created_at.unwrap_or(now),
            first_seen_at: now,
            updated_at: now,
            reposted_of: None,
            previous_price: None,
        };
        let link_key = new.link.canonical().to_owned();
        Self {
            listing,
            link_key,
            seen_at: now,
            first_point: 0,
            price_fall: None,
            reader_version: READER_VERSION,
            price_reader_version: READER_VERSION,
        }
    }

    /// Applies a posting; fields that it lacks keep their values.
    ///
    /// Where an earlier version of the reader read the texts or the price of the listing, what this version has read from a text may
    /// differ for that reason alone: it is corrected silently.
    pub(crate) fn post(&mut self, new: &NewListing, now: Timestamp, recurring_price: RecurringPrice) -> Posted {
        /// Resolution of `seen_at`: a listing that is posted constantly costs one write a day.
        const SEEN_EVERY: std::time::Duration = std::time::Duration::from_hours(24);
        let rereads_texts = self.reader_version < READER_VERSION && new.read_from_text == ReaderScope::Everything;
        let rereads_price = self.rereads_price(new);
        let mut change = ListingChange::Nothing;
        let is_reread = self.note_price_reader(new) || rereads_texts;
        if self.seen_at < now - SEEN_EVERY || is_reread {
            self.seen_at = now;
            change = ListingChange::Silent;
        }
        let mut text_change = change_details(&mut self.listing.details, &new.details);
        if self.listing.title != new.title {
            self.listing.title.clone_from(&new.title);
            text_change = text_change.max(ListingChange::Text);
        }
        if rereads_texts {
            self.reader_version = READER_VERSION;
            text_change = text_change.min(ListingChange::Silent);
        }
        let mut price_change = self.post_price(new, recurring_price);
        // A recurring price was stored before the setting was changed, or misread as the price of a sale.
        let is_hidden = |price| recurring_price.apply(price) != price;
        let was_recurring = is_hidden(self.listing.price) || rereads_price && is_hidden(new.price.price);
        let hides_price = was_recurring && self.listing.price != Price::Unstated;
        if hides_price {
            self.listing.price = Price::Unstated;
        }
        let corrects_price = hides_price || price_change == ListingChange::Price && rereads_price;
        if corrects_price {
            price_change = ListingChange::Silent;
            self.price_fall = None;
        }
        change = change.max(text_change).max(price_change);
        if change > ListingChange::Silent {
            self.listing.updated_at = now;
        }
        if change > ListingChange::Nothing {
            self.seen_at = now;
        }
        Posted { change, corrects_price }
    }

    fn post_price(&mut self, new: &NewListing, recurring_price: RecurringPrice) -> ListingChange {
        let listing = &mut self.listing;
        let price = recurring_price.apply(new.price.price);
        // Also for a newer reader: the posting may have no text of a price at all, and the known one be right.
        if price == Price::Unstated {
            return ListingChange::Nothing;
        }
        let is_negotiable = std::mem::replace(&mut listing.negotiable, new.price.negotiable);
        if listing.price != price {
            listing.price = price;
            listing.currency = new.currency;
            return ListingChange::Price;
        }
        if is_negotiable == listing.negotiable { ListingChange::Nothing } else { ListingChange::Silent }
    }

    /// Whether a posting's price may differ for the reader's sake alone: an earlier one read the known price, and this one has read
    /// the posting's from a text.
    fn rereads_price(&self, new: &NewListing) -> bool {
        self.price_reader_version < READER_VERSION && new.read_from_text != ReaderScope::Nothing
    }

    /// Notes the reader of the price, if the posting says what the price is; returns whether that is news. A posting without a price
    /// confirms only that there is none: where one is known, it stays what an earlier reader made of it.
    fn note_price_reader(&mut self, new: &NewListing) -> bool {
        let is_stated = new.price.price != Price::Unstated;
        let confirms_none = self.listing.price == Price::Unstated && new.read_from_text != ReaderScope::Nothing;
        let is_news = self.price_reader_version < READER_VERSION && (is_stated || confirms_none);
        if is_news {
            self.price_reader_version = READER_VERSION;
        }
        is_news
    }
}

/// Applies the details that a posting has.
fn change_details(known: &mut ListingDetails, posted: &ListingDetails) -> ListingChange {
    let ListingDetails { description, location, image_url, external_id, condition } = posted;
    [
        replace(&mut known.description, description.as_ref(), |_, _| ListingChange::Text),
        replace(&mut known.location, location.as_ref(), |_, _| ListingChange::Text),
        replace(&mut known.image_url, image_url.as_ref(), |old, new| picture_change(old.map(String::as_str), new)),
        replace(&mut known.external_id, external_id.as_ref(), |_, _| ListingChange::Silent),
        replace(&mut known.condition, condition.as_ref(), |_, _| ListingChange::Text),
    ]
    .into_iter()
    // The most significant change determines how the posting is reported.
    .fold(ListingChange::Nothing, ListingChange::max)
}

fn replace<T: Clone + PartialEq>(
    old: &mut Option<T>,
    new: Option<&T>,
    change: fn(Option<&T>, &T) -> ListingChange,
) -> ListingChange {
    let Some(new) = new.filter(|new| old.as_ref() != Some(new)) else { return ListingChange::Nothing };
    let change = change(old.as_ref(), new);
    *old = Some(new.clone());
    change
}

/// Picture servers sign their URLs for each request, so with only the query changed it is the same picture.
fn picture_change(old: Option<&str>, new: &str) -> ListingChange {
    let path = |url: &str| url.split(['?', '#']).next().map(str::to_owned);
    if old.is_some_and(|old| path(old) == path(new)) { ListingChange::Silent } else { ListingChange::Text }
}

/// Returns the relative decrease of a price; `None` if it did not fall, or if the prices are not comparable because of
/// their currencies or periods, or because one is not an amount.
pub(crate) fn price_fall(before: Price, now: Price) -> Option<f64> {
    let per = before.per();
    // A price of 0 cannot fall, and would be a divisor below.
    let before = before.money().filter(|money| money.minor > 0)?;
    let now = match now.in_unit(before.currency, per) {
        Price::Free => 0,
        now => now.money()?.minor,
    };
    #[expect(clippy::cast_precision_loss, reason = "it only orders listings")]
    (now < before.minor).then(|| 1.0 - now as f64 / before.minor as f64)
}
