//! Parsing of the fields of a published listing.

use serde_json::Value;

use crate::field::{InvalidField, shown};
use crate::link::web_url;
use crate::money::{Currency, Money};
use crate::price::{ParsedPrice, Price, parse_price};
use crate::text::{one_line, several_lines};
use crate::text_field::{optional_text, within};

pub(super) const MAX_TITLE_CHARS: usize = 500;
pub(super) const MAX_DESCRIPTION_CHARS: usize = 20_000;
pub(super) const MAX_LOCATION_CHARS: usize = 200;
pub(super) const MAX_EXTERNAL_ID_CHARS: usize = 200;
const MAX_PRICE_CHARS: usize = 200;

/// Completes "is missing; " and "is empty; ".
pub(super) const NEEDS: &str = "a listing needs title, link and source";

/// Truncates a text to `max_chars` characters.
pub(super) fn clip(mut text: String, max_chars: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max_chars) {
        text.truncate(end);
    }
    text
}

pub(super) fn required_text(value: &Value) -> Result<&str, InvalidField> {
    optional_text(value)?.ok_or_else(|| InvalidField::new(format!("is empty; {NEEDS}")))
}

pub(super) fn read_title(text: &str) -> Result<String, InvalidField> {
    let title = one_line(text);
    if title.is_empty() {
        return Err(InvalidField::new(format!("is empty; {NEEDS}")));
    }
    within(title, MAX_TITLE_CHARS)
}

/// Parses a description: line breaks and tabs are kept, other control characters removed.
pub(super) fn read_description(value: &Value) -> Result<Option<String>, InvalidField> {
    let Some(text) = optional_text(value)? else { return Ok(None) };
    within(several_lines(text), MAX_DESCRIPTION_CHARS).map(|text| Some(text).filter(|text| !text.is_empty()))
}

pub(super) fn read_image_url(value: &Value) -> Result<Option<String>, InvalidField> {
    let Some(text) = optional_text(value)? else { return Ok(None) };
    // Stored as given; parsing only checks that it is the address of a web page.
    web_url(text).map(|_| Some(text.to_owned()))
}

pub(super) fn read_external_id(value: &Value) -> Result<Option<String>, InvalidField> {
    match value {
        Value::Null => Ok(None),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::String(text) => {
            within(one_line(text), MAX_EXTERNAL_ID_CHARS).map(|id| Some(id).filter(|id| !id.is_empty()))
        }
        other => Err(InvalidField::new(format!("{} is not an id; give a number or a string", shown(other)))),
    }
}

/// Parses a price as published: a number of units, a text such as "$28,000 OBO", or null.
pub fn read_price(value: Option<&Value>, currency: Currency) -> Result<ParsedPrice, InvalidField> {
    match value {
        None | Some(Value::Null) => Ok(Price::Unstated.into()),
        Some(Value::Number(number)) => match number.as_f64().and_then(|units| Money::from_units(units, currency)) {
            Some(money) => Ok(Price::from(money).into()),
            None => Err(InvalidField::new(format!(
                "{number} is not a price; give units from 0 (free) to {}, or null where the ad states none",
                Money::MAX_UNITS
            ))),
        },
        Some(Value::String(text)) => within(text.clone(), MAX_PRICE_CHARS).map(|text| parse_price(&text, currency)),
        Some(other) => Err(InvalidField::new(format!(
            "{} is not a price; give a number, a text such as \"$28,000 OBO\", or null",
            shown(other)
        ))),
    }
}
