//! JSON that is passed through unchanged.

mod excerpt;

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::field::InvalidField;

pub use excerpt::JsonExcerpt;

/// A JSON object as its sender wrote it, except for insignificant white space.
///
/// It is on one line, for line-based protocols, and its nesting is bounded by the parser's recursion limit.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonObject(Box<str>);

impl JsonObject {
    /// Returns the empty object.
    pub fn empty() -> Self {
        Self("{}".into())
    }

    /// Parses a JSON object.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Object(_)) => Ok(Self(without_white_space(text).into())),
            Ok(other) => {
                Err(InvalidField::new(format!("{} is not an object; give a JSON object", crate::field::shown(&other))))
            }
            Err(error) => Err(InvalidField::new(format!("is not valid JSON: {error}; give a JSON object"))),
        }
    }

    /// Converts a parsed value, which must be an object.
    pub fn from_value(value: &Value) -> Result<Self, InvalidField> {
        Self::parse(&value.to_string())
    }

    /// Serializes a value, which must become an object.
    pub fn from_serializable(value: &(impl Serialize + ?Sized)) -> Result<Self, InvalidField> {
        match serde_json::to_string(value) {
            Ok(text) if text.starts_with('{') => Ok(Self(text.into())),
            Ok(_) => Err(InvalidField::new("is not an object; give a JSON object")),
            Err(error) => Err(InvalidField::new(format!("cannot be written as JSON: {error}"))),
        }
    }

    /// Returns the JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Removes insignificant white space from a valid JSON document.
fn without_white_space(json: &str) -> String {
    let mut in_string = false;
    let mut escaped = false;
    let means_something = |c: &char| {
        if in_string {
            // Only an unescaped quote ends a string.
            in_string = escaped || *c != '"';
            // A backslash that is itself escaped does not escape the next character.
            escaped = !escaped && *c == '\\';
            return true;
        }
        in_string = *c == '"';
        !matches!(c, ' ' | '\t' | '\n' | '\r')
    };
    json.chars().filter(means_something).collect()
}

impl fmt::Debug for JsonObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // A raw value is copied as text, without building a tree.
        serde_json::from_str::<&RawValue>(&self.0).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn order_and_numbers_stay_as_written() {
        let text = "{ \"z\" : 1.0,\r\n\t\"a\":[123456789012345678901234567890, \"a \\\" b\\\\\"] }";
        let object = JsonObject::parse(text).unwrap();
        assert_eq!(object.as_str(), r#"{"z":1.0,"a":[123456789012345678901234567890,"a \" b\\"]}"#);
        assert_eq!(serde_json::to_string(&object).unwrap(), object.as_str());
    }

    #[test]
    fn only_an_object_will_do() {
        for text in ["", "[]", "1", "null", "{", "{}{}", &"{\"a\":".repeat(500), r#"{"a":"\ud800"}"#] {
            assert!(JsonObject::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn means_the_same_on_one_line(map in prop::collection::btree_map("\\PC{0,8}", "[\\x00-\\x7f]{0,12}", 0..6)) {
            let pretty = serde_json::to_string_pretty(&map).unwrap();
            let object = JsonObject::parse(&pretty).unwrap();
            prop_assert_eq!(object.as_str(), serde_json::to_string(&map).unwrap());
        }
    }
}
