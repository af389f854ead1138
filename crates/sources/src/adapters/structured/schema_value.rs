//! Values of schema.org, which may be single or in lists.

use serde_json::Value;

/// Whether an item is of that type, which may have the address of schema.org before it.
pub(super) fn has_type(value: &Value, expected: &str) -> bool {
    let is_expected = |kind: &Value| {
        let name = kind.as_str().unwrap_or_default().rsplit(['/', '#', ':']).next().unwrap_or_default();
        name.eq_ignore_ascii_case(expected)
    };
    match &value["@type"] {
        Value::Array(kinds) => kinds.iter().any(is_expected),
        kind => is_expected(kind),
    }
}

/// The first of several values, or the only one.
pub(super) fn first_of(value: &Value) -> &Value {
    value.as_array().map_or(value, |values| values.first().unwrap_or(&Value::Null))
}

/// All of several values, or the only one.
pub(super) fn all_of(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(values) => values,
        value => std::slice::from_ref(value),
    }
}
