//! Listings, as publishers send them and as the store knows them.

use serde_json::Value;

use crate::field::{Invalid, InvalidField, longer_than, shown};
use crate::ids::ListingId;
use crate::link::{ListingLink, web_url};
use crate::money::{Currency, Money};
use crate::price::{ParsedPrice, Price, parse_price};
use crate::resource::{
    FieldPresence, FieldSchema, RequestKind, RequestResource, ResourceField, ResourceFields, UnknownFields, assign,
};
use crate::source::SourceName;
use crate::text::{one_line, several_lines};
use crate::time::{Timestamp, parse_timestamp};

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
    /// The ad's text.
    pub description: Option<String>,
    /// The place, in the ad's words.
    pub location: Option<String>,
    /// An http(s) address of a picture.
    pub image_url: Option<String>,
    /// The publisher's own id.
    pub external_id: Option<String>,
    /// When the ad was put up, where the publisher knows.
    pub created_at: Option<Timestamp>,
    /// What its site calls the ad and no other, under whatever link it is found; none where nobody vouches for that.
    pub aliases: Vec<String>,
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
    /// The place, in the ad's words.
    pub location: Option<String>,
    /// An http(s) address of a picture.
    pub image_url: Option<String>,
    /// The ad's text.
    pub description: Option<String>,
    /// The publisher's own id.
    pub external_id: Option<String>,
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
    const MAX_TITLE_CHARS: usize = 500;
    const MAX_DESCRIPTION_CHARS: usize = 20_000;
    const MAX_LOCATION_CHARS: usize = 200;
    const MAX_EXTERNAL_ID_CHARS: usize = 200;
    const MAX_PRICE_CHARS: usize = 200;
    const MAX_ALIASES: usize = 4;

    /// The names that [`Self::from_json`] looks at; fields of other names are ignored.
    pub const FIELD_NAMES: [&str; 11] = Self::FIELDS.names();

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
    currency: Currency,
    description: Option<String>,
    location: Option<String>,
    image_url: Option<String>,
    external_id: Option<String>,
    created_at: Option<Timestamp>,
}

type ListingField = ResourceField<ListingDraft>;

/// What every listing has; completes "is missing; " and "is empty; ".
const NEEDS: &str = "a listing needs title, link and source";

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
                FieldSchema::BoundedText { min_chars: 1, max_chars: Self::MAX_TITLE_CHARS },
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
                |draft, value, _| assign(&mut draft.price, read_price(Some(value), draft.currency)),
            ),
            ListingField::new("description", FieldSchema::Text, "At most 20,000 characters.", |draft, value, _| {
                assign(&mut draft.description, read_description(value))
            }),
            ListingField::new("location", FieldSchema::Text, "At most 200 characters.", |draft, value, _| {
                assign(&mut draft.location, read_line(value, Self::MAX_LOCATION_CHARS))
            }),
            ListingField::new("image_url", FieldSchema::Text, "An http or https address.", |draft, value, _| {
                assign(&mut draft.image_url, read_image_url(value))
            }),
            ListingField::new(
                "external_id",
                FieldSchema::Text,
                "The publisher's own id; `id` is read where it is left out.",
                |draft, value, _| assign(&mut draft.external_id, read_external_id(value)),
            )
            .alias("id"),
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
            currency,
            description: None,
            location: None,
            image_url: None,
            external_id: None,
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
            price: self.price,
            description: self.description,
            location: self.location,
            image_url: self.image_url,
            external_id: self.external_id,
            created_at: self.created_at,
            aliases: Vec::new(),
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
        let clip = |mut text: String, chars: usize| {
            if let Some((at, _)) = text.char_indices().nth(chars) {
                text.truncate(at);
            }
            text
        };
        let line =
            |text: Option<String>, chars| text.map(|text| clip(one_line(&text), chars)).filter(|text| !text.is_empty());
        self.title = clip(one_line(&self.title), Self::MAX_TITLE_CHARS);
        if self.title.is_empty() {
            return Err(InvalidField::new("is empty; a listing needs title, link and source"));
        }
        self.description = self.description.map(|text| clip(several_lines(&text), Self::MAX_DESCRIPTION_CHARS));
        self.description = self.description.filter(|text| !text.is_empty());
        self.location = line(self.location, Self::MAX_LOCATION_CHARS);
        self.external_id = line(self.external_id, Self::MAX_EXTERNAL_ID_CHARS);
        self.image_url = self.image_url.filter(|url| web_url(url).is_ok());
        // Cut short, an alias might be that of another ad.
        self.aliases.retain(|alias| alias.chars().count() <= Self::MAX_EXTERNAL_ID_CHARS);
        self.aliases.truncate(Self::MAX_ALIASES);
        Ok(self)
    }
}

impl Listing {
    /// The number that the ad has had from the first, however often it was put up.
    pub fn first_id(&self) -> ListingId {
        self.reposted_of.unwrap_or(self.id)
    }
}

fn required_text(value: &Value) -> Result<&str, InvalidField> {
    optional_text(value)?.ok_or_else(|| InvalidField::new(format!("is empty; {NEEDS}")))
}

/// A text field; `null` and blank are the same.
fn optional_text(value: &Value) -> Result<Option<&str>, InvalidField> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        other => Err(InvalidField::new(format!("{} is no text; give a string", shown(other)))),
    }
}

fn read_title(text: &str) -> Result<String, InvalidField> {
    let title = one_line(text);
    if title.is_empty() {
        return Err(InvalidField::new(format!("is empty; {NEEDS}")));
    }
    within(title, NewListing::MAX_TITLE_CHARS)
}

fn read_line(value: &Value, max_chars: usize) -> Result<Option<String>, InvalidField> {
    optional_text(value)?
        .map(|text| within(one_line(text), max_chars))
        .transpose()
        .map(|line| line.filter(|line| !line.is_empty()))
}

/// The ad's text keeps its lines; other control characters have no place in a text.
fn read_description(value: &Value) -> Result<Option<String>, InvalidField> {
    let Some(text) = optional_text(value)? else { return Ok(None) };
    within(several_lines(text), NewListing::MAX_DESCRIPTION_CHARS)
        .map(|text| Some(text).filter(|text| !text.is_empty()))
}

fn read_image_url(value: &Value) -> Result<Option<String>, InvalidField> {
    let Some(text) = optional_text(value)? else { return Ok(None) };
    web_url(text).map(|_| Some(text.to_owned()))
}

fn read_external_id(value: &Value) -> Result<Option<String>, InvalidField> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::String(text) => {
            within(one_line(text), NewListing::MAX_EXTERNAL_ID_CHARS).map(|id| Some(id).filter(|id| !id.is_empty()))
        }
        other => Err(InvalidField::new(format!("{} is no id; give a number or a string", shown(other)))),
    }
}

/// Reads a price as a publisher gives it: a number of units, a text as people write it, or nothing.
pub fn read_price(value: Option<&Value>, currency: Currency) -> Result<ParsedPrice, InvalidField> {
    match value {
        None | Some(Value::Null) => Ok(Price::Unstated.into()),
        Some(Value::Number(number)) => match number.as_f64().and_then(|units| Money::from_units(units, currency)) {
            Some(money) => Ok(Price::from(money).into()),
            None => Err(InvalidField::new(format!(
                "{number} is no price; give units from 0 (free) to {}, or null where the ad states none",
                Money::MAX_UNITS
            ))),
        },
        Some(Value::String(text)) => {
            within(text.clone(), NewListing::MAX_PRICE_CHARS).map(|text| parse_price(&text, currency))
        }
        Some(other) => Err(InvalidField::new(format!(
            "{} is no price; give a number, a text such as \"$28,000 OBO\", or null",
            shown(other)
        ))),
    }
}

fn within(text: String, max_chars: usize) -> Result<String, InvalidField> {
    if longer_than(&text, max_chars) {
        return Err(InvalidField::new(format!(
            "{} is {} characters long; give at most {max_chars}",
            crate::field::quoted(&text),
            text.chars().count()
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
