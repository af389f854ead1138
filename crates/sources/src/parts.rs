//! The parts of a page, for kinds whose settings say where each is.

use std::collections::BTreeMap;

use serde_json::Value;
use superbot_domain::{FieldErrors, InvalidField, InvalidFields, quoted, shown};

use crate::setting_field::{SettingField, SettingSection, SettingType};

/// The texts that were given, by the names of their parts: one, or several of which the first counts that finds something.
pub(crate) type PartTexts = BTreeMap<&'static str, Vec<String>>;

/// Nobody writes longer ones by hand.
const MAX_BYTES: usize = 1_000;
/// A page has no more ways to show one thing.
const MAX_ALTERNATIVES: usize = 8;

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

/// Reads an object of texts, and lists of texts, that has all required parts and no unknown ones.
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
        match parts.iter().find(|part| part.name == field) {
            None => {
                let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
                errors.add_unknown(field, "page", &names);
            }
            Some(part) => match read_texts(value) {
                Ok(alternatives) if alternatives.is_empty() => {}
                Ok(alternatives) => drop(texts.insert(part.name, alternatives)),
                Err(reason) => errors.add(field, || reason),
            },
        }
    }
    let required = || parts.iter().filter(|part| part.is_required());
    for part in required().filter(|part| !texts.contains_key(part.name)) {
        let names: Vec<&str> = required().map(|part| part.name).collect();
        errors.add(part.name, || format!("is missing; {} are needed", names.join(", ")));
    }
    errors.finish(Some(texts))
}

fn read_texts(value: &Value) -> Result<Vec<String>, String> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) if text.len() <= MAX_BYTES => Ok(vec![text.clone()]),
        Value::String(_) => Err(format!("has more than {MAX_BYTES} bytes")),
        Value::Array(items) if (1..=MAX_ALTERNATIVES).contains(&items.len()) => {
            let texts: Result<Vec<Vec<String>>, String> = items
                .iter()
                .map(|item| if item.is_string() { read_texts(item) } else { Err(not_a_text(item)) })
                .collect();
            texts.map(|texts| texts.concat())
        }
        Value::Array(items) => Err(format!("lists {} texts; give 1 to {MAX_ALTERNATIVES}", items.len())),
        other => Err(not_a_text(other)),
    }
}

fn not_a_text(value: &Value) -> String {
    format!("is {}; give a text", shown(value))
}

/// The choice that a text names.
pub(crate) fn read_choice<T: Copy>(
    texts: &PartTexts,
    name: &'static str,
    choices: &[(&str, T)],
    errors: &mut FieldErrors,
) -> Option<T> {
    let text = texts.get(name)?.first()?;
    let chosen = choices.iter().find(|(word, _)| word == text).map(|(_, choice)| *choice);
    if chosen.is_none() {
        let words = choices.iter().map(|(word, _)| quoted(word)).collect::<Vec<_>>().join(" or ");
        errors.add(name, || format!("is {}; give {words}", quoted(text)));
    }
    chosen
}

pub(crate) fn refused(text: &str, because: &str) -> InvalidField {
    InvalidField::new(format!("is {}, which {because}", quoted(text)))
}
