//! The parts of a page, for kinds whose settings say where each is.

use std::collections::BTreeMap;

use serde_json::Value;
use superbot_domain::{Currency, FieldErrors, InvalidField, InvalidFields, quoted, shown};

use crate::price_value::{AmountUnit, PriceStyle, ZeroMeaning};
use crate::setting_field::{SettingField, SettingSection, SettingType};

/// The texts that were given, by the names of their parts: one, or several of which the first counts that finds something.
pub(crate) type PartTexts = BTreeMap<&'static str, Vec<String>>;

/// The maximum length of a text.
const MAX_BYTES: usize = 1_000;
/// A page has no more ways to show one thing.
const MAX_ALTERNATIVES: usize = 8;

/// A part of a listing that every kind with parts looks for.
struct ListingPart {
    name: &'static str,
    label: &'static str,
    is_required: bool,
    value: PartValue,
}

/// What settings say of a part.
enum PartValue {
    /// Where it is; with an example for each way to say so.
    Place { css: &'static str, json_path: &'static str },
    /// One of the words that the label lists.
    Choice { example: &'static str },
}

/// How places on a page are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlaceSyntax {
    Css,
    JsonPath,
}

const fn place(name: &'static str, label: &'static str, css: &'static str, json_path: &'static str) -> ListingPart {
    ListingPart { name, label, is_required: false, value: PartValue::Place { css, json_path } }
}

const fn choice(name: &'static str, label: &'static str, example: &'static str) -> ListingPart {
    ListingPart { name, label, is_required: false, value: PartValue::Choice { example } }
}

/// The parts of a listing, in the order of a form.
const LISTING_PARTS: [ListingPart; 14] = [
    ListingPart { is_required: true, ..place("title", "Title", "h2 a", "$.name") },
    ListingPart { is_required: true, ..place("link", "Link", "h2 a", "$.url") },
    place("price", "Price", ".price", "$.price.value"),
    place("former_price", "Former price", ".old-price", "$.price.old"),
    place("currency", "Currency", ".price@data-currency", "$.price.currency"),
    place("price_per", "Period of the price", ".price-unit", "$.price.unit"),
    choice("amount_in", "Amounts are in (units, minor)", "units"),
    choice("zero", "A price of 0 is (free, unstated)", "free"),
    place("location", "Place", ".place", "$.city"),
    place("image", "Picture", "img", "$.photo"),
    place("description", "Description", ".text", "$.text"),
    place("condition", "Condition", ".condition", "$.condition"),
    place("id", "The site’s number", "@data-id", "$.id"),
    place("date", "Date", "time", "$.posted"),
];

/// The names of the parts that are somewhere in a listing.
pub(crate) fn listing_places() -> impl Iterator<Item = &'static str> {
    let places = LISTING_PARTS.iter().filter(|part| matches!(part.value, PartValue::Place { .. }));
    places.map(|part| part.name)
}

/// The fields of a kind: the first of its own, those of listings, and the others of its own. `ALL` is the number of them all.
pub(crate) const fn with_listing_parts<const OWN: usize, const ALL: usize>(
    syntax: PlaceSyntax,
    own: &[SettingField; OWN],
) -> [SettingField; ALL] {
    assert!(ALL == OWN + LISTING_PARTS.len(), "one field for each part");
    let mut fields = [own[0]; ALL];
    let mut at = 0;
    while at < LISTING_PARTS.len() {
        fields[at + 1] = LISTING_PARTS[at].field(syntax);
        at += 1;
    }
    let mut at = 1;
    while at < OWN {
        fields[at + LISTING_PARTS.len()] = own[at];
        at += 1;
    }
    fields
}

impl ListingPart {
    const fn field(&self, syntax: PlaceSyntax) -> SettingField {
        let (value_type, example) = match (&self.value, syntax) {
            (PartValue::Choice { example }, _) => (SettingType::Word { default: None }, *example),
            (PartValue::Place { css, .. }, PlaceSyntax::Css) => (SettingType::CssSelector, *css),
            (PartValue::Place { json_path, .. }, PlaceSyntax::JsonPath) => (SettingType::JsonPath, *json_path),
        };
        let part = optional(self.name, self.label, value_type, example);
        if self.is_required { required(part) } else { part }
    }
}

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
pub(crate) const fn required(part: SettingField) -> SettingField {
    SettingField { missing: Some("is missing"), ..part }
}

/// What settings say of all prices of a page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PriceChoices {
    unit: AmountUnit,
    zero: ZeroMeaning,
}

impl PriceChoices {
    pub(crate) fn read(texts: &PartTexts, errors: &mut FieldErrors) -> Self {
        let units = [("units", AmountUnit::Whole), ("minor", AmountUnit::Minor)];
        let meanings = [("free", ZeroMeaning::Free), ("unstated", ZeroMeaning::Unstated)];
        Self {
            unit: read_choice(texts, "amount_in", &units, errors).unwrap_or_default(),
            zero: read_choice(texts, "zero", &meanings, errors).unwrap_or_default(),
        }
    }

    /// How the prices in that currency are written.
    pub(crate) const fn style(self, currency: Currency, exponent: Option<u32>) -> PriceStyle {
        PriceStyle { currency, unit: self.unit, exponent, zero: self.zero }
    }
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
fn read_choice<T: Copy>(
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
