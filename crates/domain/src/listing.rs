//! Listings, as publishers send them and as the store knows them.

use serde::Serialize;
use serde_json::Value;

use crate::field::{Invalid, InvalidField, quoted};
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

mod read;

pub use self::read::read_price;
use self::read::{
    MAX_DESCRIPTION_CHARS, MAX_EXTERNAL_ID_CHARS, MAX_LOCATION_CHARS, MAX_TITLE_CHARS, NEEDS, clip, read_description,
    read_external_id, read_image_url, read_title, required_text,
};

/// A listing as a publisher sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewListing {
    /// 1 to 500 characters on one line.
    pub title: String,
    /// Where it is found.
    pub link: ListingLink,
    /// Whose listing it is.
    pub source: SourceName,
    /// What the ad asks.
    pub price: ParsedPrice,
    /// The currency that prices of this listing are in, also while it states none.
    pub currency: Currency,
    /// Its optional parts.
    pub details: ListingDetails,
    /// When the ad was put up, where the publisher knows.
    pub created_at: Option<Timestamp>,
    /// What its site calls the ad and no other, under whatever link it is found; none where nobody vouches for that.
    pub aliases: Vec<String>,
    /// Which of its values this program read from text, as another version of it may read them differently.
    pub read_from_text: ReaderScope,
}

/// The optional parts of a listing, from the page or the request that it comes in to the store and the answers.
///
/// Where its parts are stored or shown one by one, it is destructured, so that the compiler names the places that a new part
/// has to be added to. It does not name the others: the table of a listing's fields, and the adapters, which set the parts
/// that they read and fill the rest with defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListingDetails {
    /// The ad's text.
    pub description: Option<String>,
    /// The place, in the ad's words.
    pub location: Option<String>,
    /// An http(s) address of a picture.
    pub image_url: Option<String>,
    /// The publisher's own id.
    pub external_id: Option<String>,
    /// The item's condition, where the ad states it.
    pub condition: Option<ItemCondition>,
}

/// The condition of an item for sale.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, strum::EnumString, strum::IntoStaticStr, strum::VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", parse_err_ty = InvalidField, parse_err_fn = unknown_condition)]
pub enum ItemCondition {
    /// Never used.
    New,
    /// Used, without signs of it.
    LikeNew,
    /// Used, with slight signs of it.
    Good,
    /// Used, with defects that do not keep it from working.
    Fair,
    /// Broken or incomplete: for repair or for its parts.
    Parts,
}

/// A listing as the store knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Our number for it.
    pub id: ListingId,
    /// What the ad is about.
    pub title: String,
    /// Where it is found, as its publisher gave it.
    pub link: String,
    /// Whose listing it is.
    pub source: SourceName,
    /// What the ad asks.
    pub price: Price,
    /// The currency that its prices are in.
    pub currency: Currency,
    /// Its optional parts.
    pub details: ListingDetails,
    /// Whether the ad takes offers.
    pub negotiable: bool,
    /// When the ad was put up; when it was first seen, where nobody said.
    pub created_at: Timestamp,
    /// When it was first stored.
    pub first_seen_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The first of the ads that this one repeats under a link of its own.
    pub reposted_of: Option<ListingId>,
    /// The price before the change that is being told.
    pub previous_price: Option<Price>,
}

impl NewListing {
    const MAX_ALIASES: usize = 4;

    /// The names that [`Self::from_json`] looks at; fields of other names are ignored.
    pub const FIELD_NAMES: [&str; 13] = Self::FIELDS.names();

    /// Reads a listing from a JSON object; the currency is that of prices which do not say theirs.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn from_json(value: &Value, default_currency: Currency) -> Result<Self, Invalid> {
        let blank = ListingDraft::new(default_currency);
        let draft = Self::FIELDS.read(value, RequestKind::Create, blank, default_currency)?;
        // The table reports a required field without a value, so `build` fails for none that gets here.
        draft.build().ok_or_else(|| Invalid::one("", NEEDS))
    }
}

/// What of a listing has been read.
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
        docs: "A listing to be published; unknown fields are ignored.",
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
                "What the price is in: an ISO 4217 code; the server's own currency, when left out.",
                |draft, value, default| {
                    assign(&mut draft.currency, optional_text(value)?.map_or(Ok(default), Currency::parse))
                },
            ),
            ListingField::new(
                "price",
                FieldSchema::Anything,
                "A number of units of the currency, a text such as `$28,000 OBO`, or null where the ad states none.",
                |draft, value, _| {
                    draft.has_price_text = value.as_str().is_some_and(|text| !text.trim().is_empty());
                    assign(&mut draft.price, read_price(Some(value), draft.currency))
                },
            ),
            ListingField::new(
                "price_per",
                FieldSchema::Choice(PricePeriod::NAMES),
                "The period that the price is for, where its text does not state one; null for the price of a sale.",
                |draft, value, _| assign(&mut draft.price_per, optional_text(value)?.map(str::parse).transpose()),
            ),
            ListingField::new("description", FieldSchema::Text, "At most 20,000 characters.", |draft, value, _| {
                assign(&mut draft.details.description, read_description(value))
            }),
            ListingField::new("location", FieldSchema::Text, "At most 200 characters.", |draft, value, _| {
                assign(&mut draft.details.location, optional_line(value, MAX_LOCATION_CHARS))
            }),
            ListingField::new("image_url", FieldSchema::Text, "An http or https address.", |draft, value, _| {
                assign(&mut draft.details.image_url, read_image_url(value))
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
                    assign(&mut draft.details.condition, optional_text(value)?.map(str::parse).transpose())
                },
            ),
            ListingField::new(
                "created_at",
                FieldSchema::Text,
                "When the ad was put up (RFC 3339); a time without a zone is UTC.",
                |draft, value, _| assign(&mut draft.created_at, optional_text(value)?.map(parse_timestamp).transpose()),
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
            details: ListingDetails::default(),
            created_at: None,
        }
    }

    fn build(self) -> Option<NewListing> {
        Some(NewListing {
            title: self.title?,
            link: self.link?,
            source: self.source?,
            // A sign in the price's own text is closer to the truth than what the source usually means.
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
    /// The listing with its texts cleaned as [`Self::from_json`] does, and cut to what a listing holds: on somebody else's
    /// page they are as long as they are.
    ///
    /// # Errors
    /// When nothing is left of the title.
    pub fn cleaned(mut self) -> Result<Self, InvalidField> {
        self.title = clip(one_line(&self.title), MAX_TITLE_CHARS);
        if self.title.is_empty() {
            return Err(InvalidField::new(format!("is empty; {NEEDS}")));
        }
        self.details = self.details.cleaned();
        // Cut short, an alias might be that of another ad.
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
            image_url: self.image_url.filter(|url| web_url(url).is_ok()),
            condition: self.condition,
        }
    }
}

impl ItemCondition {
    /// The names of all conditions.
    pub const NAMES: &[&str] = <Self as strum::VariantNames>::VARIANTS;

    /// Its name, as it is stored and sent.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl Listing {
    /// The number that the ad has had from the first, however often it was put up.
    pub fn first_id(&self) -> ListingId {
        self.reposted_of.unwrap_or(self.id)
    }
}

fn unknown_condition(text: &str) -> InvalidField {
    InvalidField::new(format!("{} is no condition; give {}, or null", quoted(text), ItemCondition::NAMES.join(", ")))
}

#[cfg(test)]
mod tests;
