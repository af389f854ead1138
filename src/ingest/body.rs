//! Parses listings in JSON with bounded memory, whatever other content the text has.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, SeqAccess, Visitor};
use superbot_domain::{JsonExcerpt, NewListing};

use super::item::ParsedListing;
use super::publisher::Publisher;

/// The listings in a JSON text.
#[derive(Debug)]
pub enum ListingsBody {
    /// A single object, or a value that is not a listing.
    One(Box<ParsedListing>),
    /// An array, in its order.
    Many(Vec<ParsedListing>),
}

/// Error that affects a JSON text as a whole.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// The text is not valid JSON.
    #[error(transparent)]
    Json(serde_json::Error),
    /// The array exceeds `limits.array_items`; the rest has not been parsed.
    #[error("the array has more than {0} items; send more as NDJSON, one listing per line (application/x-ndjson)")]
    TooManyItems(usize),
}

/// The part of a listing's text that is kept while parsing. Depth 2 keeps a list or an object in a field for error messages.
const LISTING: JsonExcerpt =
    JsonExcerpt { max_entries: NewListing::FIELD_NAMES.len(), max_depth: 2, fields: Some(&NewListing::FIELD_NAMES) };

impl Publisher {
    /// Parses one listing; a value that is not an object is rejected like a listing without its fields.
    ///
    /// # Errors
    /// When the text is not JSON.
    pub fn parse_listing_text(&self, text: &[u8]) -> serde_json::Result<ParsedListing> {
        let mut json = serde_json::Deserializer::from_slice(text);
        let value = LISTING.deserialize(&mut json)?;
        json.end()?;
        Ok(self.parse_listing(&value))
    }

    /// Parses one listing, or an array of at most `max_items`; 0 means unlimited.
    ///
    /// # Errors
    /// When the text is not JSON, or the array is too long.
    pub fn parse_listings(&self, text: &[u8], max_items: usize) -> Result<ListingsBody, BodyError> {
        // The first byte distinguishes both forms without parsing twice.
        if text.trim_ascii_start().first() != Some(&b'[') {
            let listing = self.parse_listing_text(text).map_err(BodyError::Json)?;
            return Ok(ListingsBody::One(Box::new(listing)));
        }
        let mut json = serde_json::Deserializer::from_slice(text);
        let max_items = if max_items == 0 { usize::MAX } else { max_items };
        let is_too_long = Cell::new(false);
        let items = ItemReader { publisher: self, limit: max_items, is_too_long: &is_too_long };
        let listings = items.deserialize(&mut json);
        // Before the parse error, which only served to stop.
        if is_too_long.get() {
            return Err(BodyError::TooManyItems(max_items));
        }
        let listings = listings.map_err(BodyError::Json)?;
        json.end().map_err(BodyError::Json)?;
        Ok(ListingsBody::Many(listings))
    }
}

/// Deserializes an array of listings one by one, and stops at the first item beyond the limit.
struct ItemReader<'p> {
    publisher: &'p Publisher,
    limit: usize,
    is_too_long: &'p Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for ItemReader<'_> {
    type Value = Vec<ParsedListing>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ItemReader<'_> {
    type Value = Vec<ParsedListing>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of listings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut listings = Vec::new();
        while listings.len() < self.limit {
            let Some(value) = items.next_element_seed(LISTING)? else { return Ok(listings) };
            listings.push(self.publisher.parse_listing(&value));
        }
        // The surplus item is skipped without being kept in memory.
        if items.next_element::<IgnoredAny>()?.is_some() {
            self.is_too_long.set(true);
            return Err(A::Error::custom("too many items"));
        }
        Ok(listings)
    }
}
