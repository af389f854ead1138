//! A listing that the store knows, and what posting it again changes.

use superbot_domain::{
    Listing, ListingDetails, ListingId, NewListing, Price, READER_VERSION, ReaderScope, SourceName, Timestamp,
};

use super::repost_key::repost_key;
use crate::error::Result;
use crate::rows::{currency, micros, minor, price, recurring_units, timestamp, units};
use crate::sql::Record;

/// A row of `listings`.
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
    /// The price of a sale as searches compare it.
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
    /// What reposts are found by.
    #[record(no_select, update)]
    repost_key: Option<i64>,
    reposted_of: Option<i64>,
    /// Set by a change of the price only.
    #[record(no_insert, update)]
    price_fall: Option<f64>,
    #[record(update)]
    reader_version: i64,
}

/// A listing with what only the store needs to know of it.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) listing: Listing,
    pub(super) link_key: String,
    pub(super) seen_at: Timestamp,
    /// The price point that it was first seen with.
    pub(crate) first_point: i64,
    /// By how much the latest change lowered the price, relative to the price before; `None` where it did not.
    pub(crate) price_fall: Option<f64>,
    /// The version of the reader by which its values were read.
    pub(super) reader_version: i64,
}

/// What a posting changes about a known listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    Nothing,
    /// Something to keep, but nothing to tell anybody.
    Silent,
    /// Title, description, place, picture or condition.
    Text,
    Price,
}

/// What became of a known listing when it was posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(crate) change: Change,
    /// Whether an earlier reader read the same price differently: the newest point of its history was never right.
    pub(crate) corrects_price: bool,
}

impl ListingRow {
    pub(super) fn read(self) -> Result<Known> {
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
        Ok(Known {
            listing,
            link_key: self.link_key,
            seen_at: timestamp(self.seen_at)?,
            first_point: self.first_point,
            price_fall: self.price_fall,
            reader_version: self.reader_version,
        })
    }
}

impl From<&Known> for ListingRow {
    fn from(known: &Known) -> Self {
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
        }
    }
}

impl Known {
    /// The listing as it is when first posted; it gets its number when it is stored.
    pub(crate) fn first(new: &NewListing, now: Timestamp) -> Self {
        let listing = Listing {
            id: 0.into(),
            title: new.title.clone(),
            link: new.link.as_str().to_owned(),
            source: new.source.clone(),
            price: new.price.price,
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
        Self { listing, link_key, seen_at: now, first_point: 0, price_fall: None, reader_version: READER_VERSION }
    }

    /// Takes over what a posting says; what it leaves out stays as it was.
    ///
    /// Where an earlier version of the reader read the listing, the parts that this version has read from a text may differ for
    /// that reason alone: they are corrected silently.
    pub(crate) fn post(&mut self, new: &NewListing, now: Timestamp) -> Posted {
        /// A posting is noted once a day, so that a listing that is posted all the time costs no write each time.
        const SEEN_EVERY: std::time::Duration = std::time::Duration::from_hours(24);
        let corrected = self.corrected_by(new);
        let mut change = Change::Nothing;
        if self.seen_at < now - SEEN_EVERY || self.reader_version < READER_VERSION {
            self.seen_at = now;
            change = Change::Silent;
        }
        self.reader_version = self.reader_version.max(READER_VERSION);
        let mut text_change = change_details(&mut self.listing.details, &new.details);
        if self.listing.title != new.title {
            self.listing.title.clone_from(&new.title);
            text_change = text_change.max(Change::Text);
        }
        if corrected == ReaderScope::Everything {
            text_change = text_change.min(Change::Silent);
        }
        let mut price_change = self.post_price(new, corrected);
        let corrects_price = price_change == Change::Price && corrected != ReaderScope::Nothing;
        if corrects_price {
            price_change = Change::Silent;
            self.price_fall = None;
        }
        change = change.max(text_change).max(price_change);
        if change > Change::Silent {
            self.listing.updated_at = now;
        }
        if change > Change::Nothing {
            self.seen_at = now;
        }
        Posted { change, corrects_price }
    }

    fn post_price(&mut self, new: &NewListing, corrected: ReaderScope) -> Change {
        let (listing, price) = (&mut self.listing, new.price.price);
        // A text that states no price now, although an earlier reader found one in it, is a correction too.
        if price == Price::Unstated && corrected == ReaderScope::Nothing {
            return Change::Nothing;
        }
        let is_negotiable = std::mem::replace(&mut listing.negotiable, new.price.negotiable);
        if listing.price != price {
            listing.price = price;
            listing.currency = new.currency;
            return Change::Price;
        }
        if is_negotiable == listing.negotiable { Change::Nothing } else { Change::Silent }
    }

    /// Which parts of a posting differ for the reader's sake, where they differ.
    fn corrected_by(&self, new: &NewListing) -> ReaderScope {
        if self.reader_version < READER_VERSION { new.read_from_text } else { ReaderScope::Nothing }
    }
}

/// Takes over the parts that a posting gives.
fn change_details(known: &mut ListingDetails, posted: &ListingDetails) -> Change {
    let ListingDetails { description, location, image_url, external_id, condition } = posted;
    [
        replace(&mut known.description, description.as_ref(), |_, _| Change::Text),
        replace(&mut known.location, location.as_ref(), |_, _| Change::Text),
        replace(&mut known.image_url, image_url.as_ref(), |old, new| picture_change(old.map(String::as_str), new)),
        replace(&mut known.external_id, external_id.as_ref(), |_, _| Change::Silent),
        replace(&mut known.condition, condition.as_ref(), |_, _| Change::Text),
    ]
    .into_iter()
    .fold(Change::Nothing, Change::max)
}

fn replace<T: Clone + PartialEq>(old: &mut Option<T>, new: Option<&T>, change: fn(Option<&T>, &T) -> Change) -> Change {
    let Some(new) = new.filter(|new| old.as_ref() != Some(new)) else { return Change::Nothing };
    let change = change(old.as_ref(), new);
    *old = Some(new.clone());
    change
}

/// Picture servers sign their addresses anew each time: with only the query changed it is still the same picture.
fn picture_change(old: Option<&str>, new: &str) -> Change {
    let path = |url: &str| url.split(['?', '#']).next().map(str::to_owned);
    if old.is_some_and(|old| path(old) == path(new)) { Change::Silent } else { Change::Text }
}

/// By how much a change lowers the price, relative to the price before; `None` where it does not, or where the two cannot be
/// compared because they are in different currencies or for different periods, or one of them is no amount.
pub(crate) fn price_fall(before: Price, now: Price) -> Option<f64> {
    let per = before.per();
    let before = before.money().filter(|money| money.minor > 0)?;
    let now = match now.in_unit(before.currency, per) {
        Price::Free => 0,
        now => now.money()?.minor,
    };
    #[expect(clippy::cast_precision_loss, reason = "it only orders listings")]
    (now < before.minor).then(|| 1.0 - now as f64 / before.minor as f64)
}
