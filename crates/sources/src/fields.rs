//! The settings that say where on a page each part of a listing is.

use std::collections::BTreeMap;

use serde_json::Value;
use superbot_domain::{FieldErrors, Invalid, InvalidField, quoted, shown};

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
            return Err(Invalid::one(
                "",
                format!("are {}; give an object such as {{\"row\": \"li.ad\", ...}}", shown(other)),
            ));
        }
    };
    let mut errors = FieldErrors::default();
    let mut texts = BTreeMap::new();
    for (field, value) in given {
        match (names.iter().find(|name| *name == field), value) {
            (None, _) => errors.add_unknown(field, "page", names),
            (Some(_), Value::Null) => {}
            (Some(name), Value::String(text)) if text.len() <= MAX_BYTES => {
                texts.insert(*name, text.clone());
            }
            (Some(_), Value::String(_)) => errors.add(field, || format!("has more than {MAX_BYTES} bytes")),
            (Some(_), other) => errors.add(field, || format!("is {}; give a text", shown(other))),
        }
    }
    for name in needed.iter().filter(|name| !texts.contains_key(*name)) {
        errors.add(name, || format!("is missing; {} are needed", needed.join(", ")));
    }
    errors.finish(Some(texts))
}

pub(crate) fn refused(text: &str, because: &str) -> InvalidField {
    InvalidField::new(format!("is {}, which {because}", quoted(text)))
}

/// Nobody writes longer ones by hand.
const MAX_BYTES: usize = 1_000;
