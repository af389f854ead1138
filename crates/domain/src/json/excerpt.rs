//! Bounded excerpts of JSON documents.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Deserializes a bounded part of a JSON value. The rest is validated and skipped without being stored, which bounds
/// the memory: 16 MB of `0,0,...` would take 256 MB as a [`Value`].
#[derive(Clone, Copy, Debug)]
pub struct JsonExcerpt {
    /// Maximum number of entries kept per array or object.
    pub max_entries: usize,
    /// Arrays and objects nested deeper than this are replaced by `"…"`; 0 keeps none.
    pub max_depth: usize,
    /// Fields to keep of a top-level object; `None` keeps all.
    pub fields: Option<&'static [&'static str]>,
}

impl JsonExcerpt {
    /// Returns the settings for nested values; `None` if the array or object itself is replaced.
    fn inner(self) -> Option<Self> {
        let max_depth = self.max_depth.checked_sub(1)?;
        Some(Self { max_depth, fields: None, ..self })
    }
}

fn left_out() -> Value {
    "…".into()
}

impl<'de> DeserializeSeed<'de> for JsonExcerpt {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for JsonExcerpt {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let Some(inner) = self.inner() else {
            while entries.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(left_out());
        };
        let mut list = Vec::new();
        while list.len() < self.max_entries {
            let Some(entry) = entries.next_element_seed(inner)? else { return Ok(list.into()) };
            list.push(entry);
        }
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let Some(inner) = self.inner() else {
            while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            return Ok(left_out());
        };
        let mut object = Map::new();
        while object.len() < self.max_entries {
            // Ignored fields do not count towards the limit.
            let Some(name) = entries.next_key_seed(KeptName(self.fields))? else { return Ok(object.into()) };
            match name {
                Some(name) => drop(object.insert(name, entries.next_value_seed(inner)?)),
                None => drop(entries.next_value::<IgnoredAny>()?),
            }
        }
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(object.into())
    }
}

/// Deserializes a field name if the field is to be kept.
struct KeptName(Option<&'static [&'static str]>);

impl<'de> DeserializeSeed<'de> for KeptName {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeptName {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name of a field")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.is_none_or(|fields| fields.contains(&name)).then(|| name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(excerpt: JsonExcerpt, text: &str) -> Result<Value, serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value = excerpt.deserialize(&mut deserializer)?;
        deserializer.end().map(|()| value)
    }

    #[test]
    fn lists_and_objects_are_cut_by_length_and_depth() {
        let excerpt = JsonExcerpt { max_entries: 2, max_depth: 2, fields: None };
        let whole = r#"{"a": [1, [2], 3], "b": {"c": {}, "d": "x"}, "e": 0}"#;
        assert_eq!(read(excerpt, whole).unwrap(), json!({ "a": [1, "…"], "b": { "c": "…", "d": "x" } }));
        let scalars = JsonExcerpt { max_depth: 0, ..excerpt };
        assert_eq!(read(scalars, whole).unwrap(), json!("…"));
        assert_eq!(read(scalars, "-1.5").unwrap(), json!(-1.5));
    }

    #[test]
    fn only_the_named_fields_of_the_top_are_kept() {
        let excerpt = JsonExcerpt { max_entries: 9, max_depth: 2, fields: Some(&["a", "b"]) };
        let read = |text| read(excerpt, text).unwrap();
        assert_eq!(read(r#"{"x": [[[1]]], "a": {"x": 1}, "a": {"y": 2}}"#), json!({ "a": { "y": 2 } }));
        assert_eq!(read(r#"["x"]"#), json!(["x"]));
    }

    #[test]
    fn what_is_left_out_must_be_json_too() {
        let excerpt = JsonExcerpt { max_entries: 1, max_depth: 1, fields: Some(&["a"]) };
        for text in ["[1, 2", "[1, x]", r#"{"a": [1, }, "b": 1}"#, r#"{"b": nul}"#, "1 2"] {
            assert!(read(excerpt, text).is_err(), "{text}");
        }
    }
}
