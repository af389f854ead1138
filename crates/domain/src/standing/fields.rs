//! Fields that price alerts and saved searches share.

use serde_json::{Map, Value};

use crate::field::{FieldErrors, Invalid, InvalidField, longer_than, quoted, shown};
use crate::money::{Currency, Money};
use crate::source::SourceName;
use crate::text::one_line;

const MAX_KEYWORDS_CHARS: usize = 500;
const MAX_LINE_CHARS: usize = 200;
const MAX_SOURCES: usize = 30;

/// The fields of a JSON object; any that is not among the known ones is refused, so that a slip is not taken for a wish.
pub(super) fn object<'a>(value: &'a Value, what: &str, known: &[&str]) -> Result<&'a Map<String, Value>, Invalid> {
    let Some(object) = value.as_object() else {
        return Err(Invalid::one("", format!("{} is no {what}; give an object", shown(value))));
    };
    let mut errors = FieldErrors::default();
    for field in object.keys().filter(|field| !known.contains(&field.as_str())) {
        errors.add_unknown(field, what, known);
    }
    errors.finish(Some(object))
}

/// A field that is given and not `null`.
pub(super) fn given<'a>(object: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    object.get(field).filter(|value| !value.is_null())
}

pub(super) fn text<'a>(object: &'a Map<String, Value>, field: &str) -> Result<Option<&'a str>, InvalidField> {
    match given(object, field) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(other) => Err(InvalidField::new(format!("{} is no text; give a string", shown(other)))),
    }
}

/// The keywords as they were typed, `""` for none; whether they make sense is for the query language to say.
pub(super) fn keywords(object: &Map<String, Value>) -> Result<String, InvalidField> {
    let keywords = text(object, "keywords")?.unwrap_or_default();
    within(keywords.to_owned(), MAX_KEYWORDS_CHARS)
}

pub(super) fn line(object: &Map<String, Value>, field: &str) -> Result<Option<String>, InvalidField> {
    let Some(text) = text(object, field)? else { return Ok(None) };
    let line = within(one_line(text), MAX_LINE_CHARS)?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

pub(super) fn flag(object: &Map<String, Value>, field: &str, default: bool) -> Result<bool, InvalidField> {
    match given(object, field) {
        None => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(InvalidField::new(format!("is {}; give true or false", shown(other)))),
    }
}

pub(super) fn currency(object: &Map<String, Value>, default: Currency) -> Result<Currency, InvalidField> {
    text(object, "currency")?.map_or(Ok(default), Currency::parse)
}

/// An amount in units of its currency.
pub(super) fn amount(
    object: &Map<String, Value>,
    field: &str,
    currency: Currency,
) -> Result<Option<Money>, InvalidField> {
    let Some(value) = given(object, field) else { return Ok(None) };
    let money = value.as_f64().and_then(|units| Money::from_units(units, currency));
    money
        .map(Some)
        .ok_or_else(|| InvalidField::new(format!("is {}; give an amount from 0 to {}", shown(value), Money::MAX_UNITS)))
}

/// Names of sources, each once and in order; none means all.
pub(super) fn sources(object: &Map<String, Value>) -> Result<Vec<SourceName>, InvalidField> {
    let Some(value) = given(object, "sources") else { return Ok(Vec::new()) };
    let refused = || InvalidField::new(format!("is {}; give an array of sources' names", shown(value)));
    let mut sources = Vec::new();
    for name in value.as_array().ok_or_else(refused)? {
        sources.push(SourceName::parse(name.as_str().ok_or_else(refused)?)?);
    }
    sources.sort();
    sources.dedup();
    if sources.len() > MAX_SOURCES {
        return Err(InvalidField::new(format!("names {} sources; give at most {MAX_SOURCES}", sources.len())));
    }
    Ok(sources)
}

fn within(text: String, max_chars: usize) -> Result<String, InvalidField> {
    if longer_than(&text, max_chars) {
        let chars = text.chars().count();
        return Err(InvalidField::new(format!(
            "{} is {chars} characters long; give at most {max_chars}",
            quoted(&text)
        )));
    }
    Ok(text)
}
