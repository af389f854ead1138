//! Parsing of the fields of standing queries.

use std::str::FromStr;

use serde_json::Value;

use crate::field::{InvalidField, shown};
use crate::money::{Currency, Money};
use crate::source::SourceName;
use crate::text_field::{optional_line, optional_text, within};

const MAX_KEYWORDS_CHARS: usize = 500;
const MAX_LINE_CHARS: usize = 200;
const MAX_SOURCES: usize = 30;

/// Parses a name or location.
pub(super) fn line(value: &Value) -> Result<Option<String>, InvalidField> {
    optional_line(value, MAX_LINE_CHARS)
}

/// Parses keywords, `""` if absent; their syntax is checked by the query language.
pub(super) fn keywords(value: &Value) -> Result<String, InvalidField> {
    within(optional_text(value)?.unwrap_or_default().to_owned(), MAX_KEYWORDS_CHARS)
}

pub(super) fn flag(value: &Value, default: bool) -> Result<bool, InvalidField> {
    match value {
        Value::Null => Ok(default),
        Value::Bool(flag) => Ok(*flag),
        other => Err(InvalidField::new(format!("is {}; give true or false", shown(other)))),
    }
}

/// Parses a value of an enum.
pub(super) fn word<T: FromStr<Err = InvalidField>>(value: &Value, default: T) -> Result<T, InvalidField> {
    optional_text(value)?.map_or(Ok(default), str::parse)
}

/// Parses an optional value of an enum.
pub(super) fn optional_word<T: FromStr<Err = InvalidField>>(value: &Value) -> Result<Option<T>, InvalidField> {
    optional_text(value)?.map(str::parse).transpose()
}

/// Parses an amount in units of its currency.
pub(super) fn amount(value: &Value, currency: Currency) -> Result<Money, InvalidField> {
    let money = value.as_f64().and_then(|units| Money::from_units(units, currency));
    money
        .ok_or_else(|| InvalidField::new(format!("is {}; give an amount from 0 to {}", shown(value), Money::MAX_UNITS)))
}

pub(super) fn optional_amount(value: &Value, currency: Currency) -> Result<Option<Money>, InvalidField> {
    if value.is_null() { Ok(None) } else { amount(value, currency).map(Some) }
}

pub(super) fn whole_number(value: &Value, max: u32, unit: &str) -> Result<u32, InvalidField> {
    if value.is_null() {
        return Ok(0);
    }
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    number
        .filter(|number| *number <= max)
        .ok_or_else(|| InvalidField::new(format!("is {}; give whole {unit} from 0 to {max}", shown(value))))
}

/// Parses a list of source names, sorted and without duplicates; empty means all sources.
pub(super) fn sources(value: &Value) -> Result<Vec<SourceName>, InvalidField> {
    if value.is_null() {
        return Ok(Vec::new());
    }
    let refused = || InvalidField::new(format!("is {}; give an array of sources' names", shown(value)));
    let mut sources = Vec::new();
    for name in value.as_array().ok_or_else(refused)? {
        sources.push(SourceName::parse(name.as_str().ok_or_else(refused)?)?);
    }
    // A canonical form, so that equal queries are stored equally.
    sources.sort();
    sources.dedup();
    if sources.len() > MAX_SOURCES {
        return Err(InvalidField::new(format!("names {} sources; give at most {MAX_SOURCES}", sources.len())));
    }
    Ok(sources)
}
