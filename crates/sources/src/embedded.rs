//! JSON in the middle of something else.

use serde::de::DeserializeSeed as _;
use serde_json::{Deserializer, Value};
use superbot_domain::JsonExcerpt;

use crate::page::MAX_LISTINGS;

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
    BEGINNING.deserialize(&mut Deserializer::from_str(text)).ok()
}

/// The JSON values that a text begins with, one after the other, at most `most` of them, and whether something else follows.
pub(crate) fn sequence(text: &str, most: usize) -> (Vec<Value>, bool) {
    let mut deserializer = Deserializer::from_str(text);
    let mut values = Vec::new();
    while values.len() < most {
        if deserializer.end().is_ok() {
            return (values, false);
        }
        match BEGINNING.deserialize(&mut deserializer) {
            Ok(value) => values.push(value),
            Err(_) => return (values, true),
        }
    }
    let is_at_end = deserializer.end().is_ok();
    (values, !is_at_end)
}

/// The JSON value that a text is.
pub(crate) fn whole(text: &[u8]) -> Result<Value, serde_json::Error> {
    let mut deserializer = Deserializer::from_slice(text);
    let value = BEGINNING.deserialize(&mut deserializer)?;
    deserializer.end().map(|()| value)
}

/// Of each list and object no more than the beginning is kept: nothing is ever read of the rest, and to store it would take
/// long. One more than is read shows that there are more.
const BEGINNING: JsonExcerpt = JsonExcerpt { max_entries: MAX_LISTINGS + 1, max_depth: usize::MAX, fields: None };

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

/// The currency that a value names: by itself, or in an object such as `{"code": "GBP", "symbol": "£"}`.
pub(crate) fn currency_text(value: &Value) -> Option<String> {
    const NAMES: [&str; 9] =
        ["code", "iso", "isoCode", "iso_code", "currencyCode", "currency_code", "currency", "symbol", "name"];
    text(value).or_else(|| NAMES.iter().find_map(|name| text(value.get(*name)?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_as_it_is_but_for_the_end_of_long_lists() {
        let value = json!({ "a": [1, -2, 2.5, true, null, "é\n\u{1f6b2}", {}, []], "b": { "c": [[1], { "d": 18_446_744_073_709_551_615_u64 }] } });
        assert_eq!(whole(value.to_string().as_bytes()).unwrap(), value);
        assert_eq!(first(&format!("{value}, and more")), Some(value));
        assert_eq!(
            sequence(" 1 {\"a\": 2}[3]\n4 ", 9),
            (vec![json!(1), json!({ "a": 2 }), json!([3]), json!(4)], false)
        );
        assert_eq!(sequence("{} {\"a\": ", 9), (vec![json!({})], true), "the second one is cut");
        assert_eq!(sequence("[1][2][3]", 2), (vec![json!([1]), json!([2])], true));
        assert_eq!(sequence("", 9), (Vec::new(), false));
        let long = json!({ "list": vec![7; MAX_LISTINGS + 10], "after": 1 });
        let read = whole(long.to_string().as_bytes()).unwrap();
        assert_eq!((read["list"].as_array().unwrap().len(), &read["after"]), (MAX_LISTINGS + 1, &json!(1)));
        for wrong in ["", "[1", "{\"a\":}", "[1] 2", "nul", &"[".repeat(1_000)] {
            assert!(whole(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
