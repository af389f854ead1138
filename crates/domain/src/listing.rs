//! Listings, as published and as stored.

use serde_json::Value;

use crate::field::{FieldError, InvalidField, InvalidFields};
use crate::ids::ListingId;
use crate::link::{ListingLink, web_url};
use crate::money::Currency;
use crate::price::{ParsedPrice, Price};
use crate::price_period::PricePeriod;
use crate::reader_version::ReaderScope;
use crate::resource::{
    FieldPresence, FieldSchema, RequestKind, RequestResource, ResourceField, ResourceFields, UnknownFields, assign,
};
use crate::source::SourceName;
use crate::text::{one_line, several_lines};
use crate::text_field::{optional_line, optional_text};
use crate::time::{Timestamp, parse_timestamp};

mod condition;
mod read;
mod repair;

pub use self::condition::ItemCondition;
pub use self::read::read_price;
use self::read::{
    MAX_DESCRIPTION_CHARS, MAX_EXTERNAL_ID_CHARS, MAX_LOCATION_CHARS, MAX_TITLE_CHARS, NEEDS, clip, read_description,
    read_external_id, read_image_url, read_title, required_text,
};
use self::repair::{
    assign_or_repair, read_posted_price, repair_condition, repair_currency, repair_image_url, repair_period,
    repair_text, repair_time,
};

/// A listing as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewListing {
    /// Title: 1 to 500 characters on one line.
    pub title: String,
    /// Address of the ad.
    pub link: ListingLink,
    /// Name of the site or publisher.
    pub source: SourceName,
    /// Asking price, with what was parsed from its text.
    pub price: ParsedPrice,
    /// Currency of this listing's prices, even while it states none.
    pub currency: Currency,
    /// Optional details.
    pub details: ListingDetails,
    /// Time of posting, if the publisher knows it.
    pub created_at: Option<Timestamp>,
    /// Names that identify the ad within its site whatever its link; at most 4. Only trusted adapters set them.
    pub aliases: Vec<String>,
    /// Which of its values this program read from text, as another version of it may read them differently.
    pub read_from_text: ReaderScope,
}

/// A posted listing, and what was wrong with its optional fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedListing {
    /// The listing, without the parts that could not be used.
    pub listing: NewListing,
    /// One for each optional field that was left out, cut, or read as something else; the message says which.
    pub warnings: Vec<FieldError>,
}

/// Optional details of a listing, shared by found, published and stored listings and responses.
///
/// Code that handles the fields individually destructures the struct, so that the compiler reports it when a field is
/// added. It does not report the table of fields, nor the adapters, which set the fields they know and default the
/// rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingDetails {
    /// Text of the ad.
    pub description: Option<String>,
    /// Location, as worded in the ad.
    pub location: Option<String>,
    /// http(s) URL of a picture.
    pub image_url: Option<String>,
    /// The publisher's own id.
    pub external_id: Option<String>,
    /// Condition of the item, if stated.
    pub condition: Option<ItemCondition>,
}

/// A stored listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Id in this store.
    pub id: ListingId,
    /// Title on one line.
    pub title: String,
    /// Address of the ad, as given by its publisher.
    pub link: String,
    /// Name of the site or publisher.
    pub source: SourceName,
    /// Current asking price.
    pub price: Price,
    /// Currency of this listing's prices.
    pub currency: Currency,
    /// Optional details.
    pub details: ListingDetails,
    /// Whether the ad accepts offers.
    pub negotiable: bool,
    /// Time of posting; if unknown, when the listing was first seen.
    pub created_at: Timestamp,
    /// Time when the listing was first stored.
    pub first_seen_at: Timestamp,
    /// Time of the last change of its content.
    pub updated_at: Timestamp,
    /// The original ad, if this one is a repost under another link.
    pub reposted_of: Option<ListingId>,
    /// Price before the last change; set only where it is shown.
    pub previous_price: Option<Price>,
}

impl NewListing {
    const MAX_ALIASES: usize = 4;

    /// All names and aliases that [`Self::from_json`] reads; others are ignored.
    pub const FIELD_NAMES: [&str; 13] = Self::FIELDS.names();

    /// Parses a listing as [`PostedListing::from_json`] does, and drops its warnings.
    ///
    /// # Errors
    /// If title, link or source are missing or invalid.
    pub fn from_json(value: &Value, default_currency: Currency) -> Result<Self, InvalidFields> {
        PostedListing::from_json(value, default_currency).map(|posted| posted.listing)
    }
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

/// A listing whose fields have been read in part.
#[derive(Debug)]
pub struct ListingDraft {
    title: Option<String>,
    link: Option<ListingLink>,
    source: Option<SourceName>,
    price: ParsedPrice,
    /// Whether the price was given as a text.
    has_price_text: bool,
    price_per: Option<PricePeriod>,
    currency: Currency,
    /// Whether a currency was given that is not known; a price that does not state its own is then unstated.
    has_unknown_currency: bool,
    details: ListingDetails,
    created_at: Option<Timestamp>,
}

type ListingField = ResourceField<ListingDraft>;

impl RequestResource for NewListing {
    type Draft = ListingDraft;

    const FIELDS: ResourceFields<ListingDraft> = ResourceFields {
        noun: "listing",
        expected: "an object with title, link and source",
        schema_name: "ListingFields",
        docs: "A listing to be published. Only title, link and source can reject it: an optional field that is wrong is \
               left out, cut or read as what it means, and the answer has a warning. Unknown fields are ignored.",
        unknown: UnknownFields::Ignored,
        check: |_, _| {},
        fields: &[
            ListingField::new(
                "title",
                FieldSchema::BoundedText { min_chars: 1, max_chars: MAX_TITLE_CHARS },
                "1 to 500 characters.",
                |draft, value, _| assign(&mut draft.title, required_text(value).and_then(read_title).map(Some)),
            )
            .presence(FieldPresence::Required(NEEDS)),
            ListingField::new(
                "link",
                FieldSchema::Text,
                "Where it is found: an http or https address.",
                |draft, value, _| assign(&mut draft.link, required_text(value).and_then(ListingLink::parse).map(Some)),
            )
            .presence(FieldPresence::Required(NEEDS)),
            ListingField::new(
                "source",
                FieldSchema::BoundedText { min_chars: 1, max_chars: SourceName::MAX_CHARS },
                "Whose listing it is: 1 to 50 of a-z, 0-9, _ . -",
                |draft, value, _| assign(&mut draft.source, required_text(value).and_then(SourceName::parse).map(Some)),
            )
            .presence(FieldPresence::Required(NEEDS)),
            ListingField::new(
                "currency",
                FieldSchema::Text,
                "What the price is in: an ISO 4217 code; the server's own currency, when left out. A price in a currency \
                 that is not known is not stated.",
                |draft, value, default| {
                    // Read before the price, which is in this currency.
                    let read = optional_text(value).and_then(|text| text.map_or(Ok(default), Currency::parse));
                    let read = assign_or_repair(&mut draft.currency, read, || repair_currency(value, default));
                    draft.has_unknown_currency = read.as_ref().is_err_and(InvalidField::is_left_out);
                    read
                },
            ),
            ListingField::new(
                "price",
                FieldSchema::Anything,
                "A number of units of the currency, a text such as `$28,000 OBO`, or null where the ad states none.",
                |draft, value, _| {
                    draft.has_price_text = value.as_str().is_some_and(|text| !text.trim().is_empty());
                    let currency = Some(draft.currency).filter(|_| !draft.has_unknown_currency);
                    assign(&mut draft.price, read_posted_price(value, currency))
                },
            ),
            ListingField::new(
                "price_per",
                FieldSchema::Choice(PricePeriod::NAMES),
                "The period that the price is for, where its text does not state one; null for the price of a sale.",
                |draft, value, _| {
                    let read = optional_text(value).and_then(|text| text.map(str::parse).transpose());
                    let read = assign_or_repair(&mut draft.price_per, read, || repair_period(value));
                    if read.as_ref().is_err_and(InvalidField::is_left_out) && draft.price.price.is_one_off() {
                        // Compared as the price of a sale, a rent would fire alerts for nothing.
                        draft.price = Price::Unstated.into();
                        return read.map_err(|fault| fault.repaired("left out, and with it the price for this period"));
                    }
                    read
                },
            ),
            ListingField::new(
                "description",
                FieldSchema::Text,
                "Its text; what exceeds 20,000 characters is cut off.",
                |draft, value, _| {
                    assign_or_repair(&mut draft.details.description, read_description(value), || {
                        repair_text(value, several_lines, MAX_DESCRIPTION_CHARS)
                    })
                },
            ),
            ListingField::new(
                "location",
                FieldSchema::Text,
                "Where it is; what exceeds 200 characters is cut off.",
                |draft, value, _| {
                    assign_or_repair(&mut draft.details.location, optional_line(value, MAX_LOCATION_CHARS), || {
                        repair_text(value, one_line, MAX_LOCATION_CHARS)
                    })
                },
            ),
            ListingField::new("image_url", FieldSchema::Text, "An http or https address.", |draft, value, _| {
                assign_or_repair(&mut draft.details.image_url, read_image_url(value), || {
                    repair_image_url(value, draft.link.as_ref())
                })
            }),
            ListingField::new(
                "external_id",
                FieldSchema::Text,
                "The publisher's own id; `id` is read where it is left out.",
                |draft, value, _| assign(&mut draft.details.external_id, read_external_id(value)),
            )
            .alias("id"),
            ListingField::new(
                "condition",
                FieldSchema::Choice(ItemCondition::NAMES),
                "The item's condition; `parts` is broken or incomplete.",
                |draft, value, _| {
                    let read = optional_text(value).and_then(|text| text.map(str::parse).transpose());
                    assign_or_repair(&mut draft.details.condition, read, || repair_condition(value))
                },
            ),
            ListingField::new(
                "created_at",
                FieldSchema::Text,
                "When the ad was put up (RFC 3339); a time without a zone is UTC.",
                |draft, value, _| {
                    let read = optional_text(value).and_then(|text| text.map(parse_timestamp).transpose());
                    assign_or_repair(&mut draft.created_at, read, || repair_time(value))
                },
            ),
        ],
    };
}

impl ListingDraft {
    fn new(currency: Currency) -> Self {
        Self {
            title: None,
            link: None,
            source: None,
            price: Price::Unstated.into(),
            has_price_text: false,
            price_per: None,
            currency,
            has_unknown_currency: false,
            details: ListingDetails::default(),
            created_at: None,
        }
    }

    fn build(self) -> Option<NewListing> {
        Some(NewListing {
            title: self.title?,
            link: self.link?,
            source: self.source?,
            // A currency sign in the price's text is more specific than the declared default.
            currency: self.price.price.money().map_or(self.currency, |money| money.currency),
            price: self.price.per_unless_stated(self.price_per),
            details: self.details,
            created_at: self.created_at,
            aliases: Vec::new(),
            read_from_text: if self.has_price_text { ReaderScope::Price } else { ReaderScope::Nothing },
        })
    }
}

impl NewListing {
    /// Cleans the texts as [`Self::from_json`] does, and truncates them to the limits, since the lengths on external
    /// pages are not under our control.
    ///
    /// # Errors
    /// If the title is empty.
    pub fn cleaned(mut self) -> Result<Self, InvalidField> {
        self.title = clip(one_line(&self.title), MAX_TITLE_CHARS);
        if self.title.is_empty() {
            return Err(InvalidField::new(format!("is empty; {NEEDS}")));
        }
        self.details = self.details.cleaned();
        // A truncated alias could coincide with that of another ad, so ones that are too long are dropped.
        self.aliases.retain(|alias| alias.chars().count() <= MAX_EXTERNAL_ID_CHARS);
        self.aliases.truncate(Self::MAX_ALIASES);
        Ok(self)
    }
}

impl ListingDetails {
    fn cleaned(self) -> Self {
        let clipped = |text: Option<String>, clean: fn(&str) -> String, max_chars| {
            text.map(|text| clip(clean(&text), max_chars)).filter(|text| !text.is_empty())
        };
        Self {
            description: clipped(self.description, several_lines, MAX_DESCRIPTION_CHARS),
            location: clipped(self.location, one_line, MAX_LOCATION_CHARS),
            external_id: clipped(self.external_id, one_line, MAX_EXTERNAL_ID_CHARS),
            // An invalid picture costs only the picture, not the whole listing.
            image_url: self.image_url.filter(|url| web_url(url).is_ok()),
            condition: self.condition,
        }
    }
}

impl Listing {
    /// Returns the id of the original ad, which all its reposts share.
    pub fn first_id(&self) -> ListingId {
        self.reposted_of.unwrap_or(self.id)
    }
}

#[cfg(test)]
mod posted_tests;
#[cfg(test)]
mod tests;
