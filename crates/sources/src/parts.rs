//! The parts of a page, for kinds that have to be told where each is.

use std::collections::BTreeMap;

use serde_json::Value;
use superbot_domain::{FieldErrors, InvalidField, InvalidFields, quoted, shown};

use crate::setting_field::{SettingField, SettingSection, SettingType};

/// The texts that were given, by the names of their parts.
pub(crate) type PartTexts = BTreeMap<&'static str, String>;

/// Nobody writes longer ones by hand.
const MAX_BYTES: usize = 1_000;

/// A part that may be left out.
pub(crate) const fn optional(
    name: &'static str,
    label: &'static str,
    value_type: SettingType,
    example: &'static str,
) -> SettingField {
    SettingField { name, label, value_type, section: SettingSection::Parts, help: "", example, missing: None }
}

/// A part that has to be there.
pub(crate) const fn required(
    name: &'static str,
    label: &'static str,
    value_type: SettingType,
    example: &'static str,
) -> SettingField {
    SettingField { missing: Some("is missing"), ..optional(name, label, value_type, example) }
}

/// Reads an object of texts that has all required parts and no unknown ones.
pub(crate) fn read(settings: &Value, parts: &'static [SettingField]) -> Result<PartTexts, InvalidFields> {
    let none = serde_json::Map::new();
    let given = match settings {
        Value::Null => &none,
        Value::Object(given) => given,
        other => {
            return Err(InvalidFields::one(
                "",
                format!("are {}; give an object such as {{\"row\": \"li.ad\", ...}}", shown(other)),
            ));
        }
    };
    let mut errors = FieldErrors::default();
    let mut texts = BTreeMap::new();
    for (field, value) in given {
        match (parts.iter().find(|part| part.name == field), value) {
            (None, _) => {
                let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
                errors.add_unknown(field, "page", &names);
            }
            (Some(_), Value::Null) => {}
            (Some(part), Value::String(text)) if text.len() <= MAX_BYTES => {
                texts.insert(part.name, text.clone());
            }
            (Some(_), Value::String(_)) => errors.add(field, || format!("has more than {MAX_BYTES} bytes")),
            (Some(_), other) => errors.add(field, || format!("is {}; give a text", shown(other))),
        }
    }
    let required = || parts.iter().filter(|part| part.is_required());
    for part in required().filter(|part| !texts.contains_key(part.name)) {
        let names: Vec<&str> = required().map(|part| part.name).collect();
        errors.add(part.name, || format!("is missing; {} are needed", names.join(", ")));
    }
    errors.finish(Some(texts))
}

pub(crate) fn refused(text: &str, because: &str) -> InvalidField {
    InvalidField::new(format!("is {}, which {because}", quoted(text)))
}
