//! Listings, as publishers send them and as the store knows them.

use serde_json::{Map, Value};

use crate::field::{FieldErrors, Invalid, InvalidField, longer_than, shown};
use crate::ids::ListingId;
use crate::link::{ListingLink, web_url};
use crate::money::{Currency, Money};
use crate::price::{ParsedPrice, Price, parse_price};
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

    /// The fields that [`Self::from_json`] looks at; unknown ones are ignored.
    pub const FIELDS: [&str; 11] = [
        "title",
        "link",
        "source",
        "price",
        "currency",
        "description",
        "location",
        "image_url",
        "external_id",
        "id",
        "created_at",
    ];

    /// Reads a listing from a JSON object; the currency is that of prices which do not say theirs.
    pub fn from_json(value: &Value, default_currency: Currency) -> Result<Self, Invalid> {
        let Some(object) = value.as_object() else {
            return Err(Invalid::one(
                "",
                format!("{} is no listing; give an object with title, link and source", shown(value)),
            ));
        };
        let mut errors = FieldErrors::default();
        let currency = errors.take("currency", read_currency(object, default_currency));
        let title = errors.take("title", required_text(object, "title").and_then(|text| read_title(&text)));
        let link = errors.take("link", required_text(object, "link").and_then(|text| ListingLink::parse(&text)));
        let source = errors.take("source", required_text(object, "source").and_then(|text| SourceName::parse(&text)));
        let price = errors.take("price", read_price(object.get("price"), currency.unwrap_or(default_currency)));
        let description = errors.take("description", read_description(object));
        let location = errors.take("location", read_line(object, "location", Self::MAX_LOCATION_CHARS));
        let image_url = errors.take("image_url", read_image_url(object));
        let id_field = if is_given(object, "external_id") { "external_id" } else { "id" };
        let external_id = errors.take(id_field, read_external_id(object.get(id_field)));
        let created_at = errors.take("created_at", read_created_at(object));
        let listing = (|| {
            let price = price?;
            // A sign in the price's own text is closer to the truth than what the source usually means.
            let currency = price.price.money().map_or(currency?, |money| money.currency);
            Some(Self {
                title: title?,
                link: link?,
                source: source?,
                price,
                currency,
                description: description?,
                location: location?,
                image_url: image_url?,
                external_id: external_id?,
                created_at: created_at?,
                aliases: Vec::new(),
            })
        })();
        errors.finish(listing)
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

fn is_given(object: &Map<String, Value>, field: &str) -> bool {
    object.get(field).is_some_and(|value| !value.is_null())
}

fn required_text(object: &Map<String, Value>, field: &str) -> Result<String, InvalidField> {
    if !is_given(object, field) {
        return Err(InvalidField::new("is missing; a listing needs title, link and source"));
    }
    optional_text(object, field)?.ok_or_else(|| InvalidField::new("is empty; a listing needs title, link and source"))
}

/// A text field; absent, `null` and blank are the same.
fn optional_text(object: &Map<String, Value>, field: &str) -> Result<Option<String>, InvalidField> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned)),
        Some(other) => Err(InvalidField::new(format!("{} is no text; give a string", shown(other)))),
    }
}

fn read_title(text: &str) -> Result<String, InvalidField> {
    let title = one_line(text);
    if title.is_empty() {
        return Err(InvalidField::new("is empty; a listing needs title, link and source"));
    }
    within(title, NewListing::MAX_TITLE_CHARS)
}

fn read_line(object: &Map<String, Value>, field: &str, max_chars: usize) -> Result<Option<String>, InvalidField> {
    optional_text(object, field)?
        .map(|text| within(one_line(&text), max_chars))
        .transpose()
        .map(|line| line.filter(|line| !line.is_empty()))
}

/// The ad's text keeps its lines; other control characters have no place in a text.
fn read_description(object: &Map<String, Value>) -> Result<Option<String>, InvalidField> {
    let Some(text) = optional_text(object, "description")? else { return Ok(None) };
    within(several_lines(&text), NewListing::MAX_DESCRIPTION_CHARS)
        .map(|text| Some(text).filter(|text| !text.is_empty()))
}

fn read_image_url(object: &Map<String, Value>) -> Result<Option<String>, InvalidField> {
    let Some(text) = optional_text(object, "image_url")? else { return Ok(None) };
    web_url(&text).map(|_| Some(text))
}

fn read_external_id(value: Option<&Value>) -> Result<Option<String>, InvalidField> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::String(text)) => {
            within(one_line(text), NewListing::MAX_EXTERNAL_ID_CHARS).map(|id| Some(id).filter(|id| !id.is_empty()))
        }
        Some(other) => Err(InvalidField::new(format!("{} is no id; give a number or a string", shown(other)))),
    }
}

fn read_created_at(object: &Map<String, Value>) -> Result<Option<Timestamp>, InvalidField> {
    optional_text(object, "created_at")?.map(|text| parse_timestamp(&text)).transpose()
}

fn read_currency(object: &Map<String, Value>, default: Currency) -> Result<Currency, InvalidField> {
    optional_text(object, "currency")?.map_or(Ok(default), |text| Currency::parse(&text))
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
