//! The settings that say where on a page each part of a listing is.

use std::collections::BTreeMap;

use serde_json::Value;
use superbot_domain::{FieldError, Invalid};

/// Reads an object of texts, of which some must be there, and all names are known.
pub(crate) fn read(
    settings: &Value,
    names: &'static [&'static str],
    needed: &[&'static str],
) -> Result<BTreeMap<&'static str, String>, Invalid> {
    let none = serde_json::Map::new();
    let given = match settings {
        Value::Null => &none,
        Value::Object(given) => given,
        other => {
            return Err(Invalid::one("", format!("are {other}; give an object such as {{\"row\": \"li.ad\", ...}}")));
        }
    };
    let mut errors = Vec::new();
    let mut refuse = |field: &str, message: String| errors.push(FieldError { field: field.to_owned(), message });
    let mut texts = BTreeMap::new();
    for (field, value) in given {
        match (names.iter().find(|name| *name == field), value) {
            (None, _) => refuse(field, format!("is not one of {}", names.join(", "))),
            (Some(_), Value::Null) => {}
            (Some(name), Value::String(text)) if text.len() <= MAX_BYTES => {
                texts.insert(*name, text.clone());
            }
            (Some(_), Value::String(_)) => refuse(field, format!("has more than {MAX_BYTES} bytes")),
            (Some(_), other) => refuse(field, format!("is {other}; give a text")),
        }
    }
    for name in needed.iter().filter(|name| !texts.contains_key(*name)) {
        refuse(name, format!("is missing; {} are needed", needed.join(", ")));
    }
    if errors.is_empty() { Ok(texts) } else { Err(Invalid { errors }) }
}

pub(crate) fn refused(field: &str, text: &str, because: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: format!("is {text:?}, which {because}") }
}

/// Nobody writes longer ones by hand.
const MAX_BYTES: usize = 1_000;
