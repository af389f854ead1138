//! JSON in the middle of something else.

use serde_json::Value;

/// A page has few marks of a kind; each may stand before a long value that breaks off, and is read for nothing.
const MOST_MARKS: usize = 20;

/// The first JSON value that follows one of a mark's first places, and is accepted.
pub(crate) fn after(text: &str, mark: &str, accept: impl Fn(&Value) -> bool) -> Option<Value> {
    all_after(text, mark).take(MOST_MARKS).flatten().find(accept)
}

/// What follows each of a mark's places, where it is a JSON value.
pub(crate) fn all_after<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = Option<Value>> + 'a {
    text.match_indices(mark).map(move |(at, _)| first(&text[at + mark.len()..]))
}

/// The JSON value that a text begins with, whatever follows it.
pub(crate) fn first(text: &str) -> Option<Value> {
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}

/// The first value of that name, however deep it is, that is accepted.
pub(crate) fn find<'a, T>(value: &'a Value, name: &str, accept: &impl Fn(&'a Value) -> Option<T>) -> Option<T> {
    match value {
        Value::Object(fields) => {
            let here = fields.get(name).and_then(accept);
            here.or_else(|| fields.values().find_map(|field| find(field, name, accept)))
        }
        Value::Array(entries) => entries.iter().find_map(|entry| find(entry, name, accept)),
        _ => None,
    }
}

/// A text, or a number as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
