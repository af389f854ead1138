//! Validation errors, worded so that the sender can act on them.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use serde_json::Value;

/// An invalid field. Both texts are bounded and contain no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// Path of the field, such as `items[3].title`; empty for the whole body.
    pub field: String,
    /// Names the given value and what would be valid.
    pub message: String,
    /// Position of the error in the field's trimmed text, in Unicode characters from 0; only for keywords.
    pub position: Option<u32>,
}

/// All invalid fields of a request; at most [`InvalidFields::MAX_ERRORS`] are described.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct InvalidFields {
    /// Errors in the order of validation; never empty.
    pub errors: Vec<FieldError>,
    /// Number of further errors that are not described.
    pub omitted: usize,
}

/// An invalid value, before it is known which field it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidField {
    message: String,
    /// What was done instead of leaving the value out; only where the field does not have to be valid.
    repair: Option<Cow<'static, str>>,
}

impl FieldError {
    const MAX_FIELD_BYTES: usize = 200;
    const MAX_MESSAGE_BYTES: usize = 1_000;

    /// Creates an error for a field; both texts are clipped.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: clipped(field.into(), Self::MAX_FIELD_BYTES),
            message: clipped(message.into(), Self::MAX_MESSAGE_BYTES),
            position: None,
        }
    }

    /// Adds the position in the field's text, in Unicode characters from 0.
    #[must_use]
    pub fn at_position(self, position: usize) -> Self {
        Self { position: u32::try_from(position).ok(), ..self }
    }
}

impl InvalidField {
    /// Creates an error with this message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), repair: None }
    }

    /// Says that the value was not left out but, for example, `cut to 200 characters`.
    #[must_use]
    pub fn repaired(self, repair: impl Into<Cow<'static, str>>) -> Self {
        Self { repair: Some(repair.into()), ..self }
    }

    /// Returns whether nothing of the value can be used.
    pub fn is_left_out(&self) -> bool {
        self.repair.is_none()
    }

    /// Returns the text of a warning: what was done with the value, and why.
    pub fn into_warning(self) -> String {
        format!("{}: {}", self.repair.as_deref().unwrap_or("left out"), self.message)
    }

    /// Converts to an error of the named field.
    pub fn at(self, field: impl Into<String>) -> FieldError {
        FieldError::new(field, self.message)
    }
}

impl InvalidFields {
    /// Maximum number of errors described; further ones are only counted.
    pub const MAX_ERRORS: usize = 20;

    /// Creates an error for a single field.
    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        FieldError::new(field, message).into()
    }

    /// Prefixes the fields with a path: `title` under `items[3]` becomes `items[3].title`.
    #[must_use]
    pub fn under(mut self, path: &str) -> Self {
        for error in &mut self.errors {
            let field = if error.field.is_empty() { path.to_owned() } else { format!("{path}.{}", error.field) };
            error.field = clipped(field, FieldError::MAX_FIELD_BYTES);
        }
        self
    }

    /// Returns the first error and the number of others, for responses that also contain the list.
    pub fn summary(&self) -> String {
        let first = self.errors.first().map(ToString::to_string).unwrap_or_default();
        match self.errors.len() + self.omitted {
            0 | 1 => first,
            2 => format!("{first} (and 1 more error)"),
            count => format!("{first} (and {} more errors)", count - 1),
        }
    }
}

impl From<FieldError> for InvalidFields {
    fn from(error: FieldError) -> Self {
        Self { errors: vec![error], omitted: 0 }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        // Messages for people count characters from 1.
        if let Some(position) = self.position {
            write!(f, "at character {}: ", u64::from(position) + 1)?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Display for InvalidFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        if self.omitted > 0 {
            write!(f, "; and {} more", self.omitted)?;
        }
        Ok(())
    }
}

/// Collects validation errors, so that a request reports all of them at once.
///
/// After [`InvalidFields::MAX_ERRORS`] errors it only counts, which bounds its memory.
#[derive(Debug, Default)]
pub struct FieldErrors {
    errors: Vec<FieldError>,
    omitted: usize,
    has_unknown: bool,
}

impl FieldErrors {
    /// Adds an error of the named field; the message is only built if it is stored.
    pub fn add(&mut self, field: &str, message: impl FnOnce() -> String) {
        self.push(|| FieldError::new(field, message()));
    }

    /// Adds an error for an unknown field; the first one lists the known fields.
    pub fn add_unknown(&mut self, field: &str, noun: &str, known: &[&str]) {
        let known = if std::mem::replace(&mut self.has_unknown, true) { None } else { Some(known) };
        self.add(field, || match known {
            Some([only]) => format!("is not a field of a {noun}; there is {only}"),
            Some(known) => format!("is not a field of a {noun}; there are {}", known.join(", ")),
            None => format!("is not a field of a {noun}"),
        });
    }

    /// Unwraps a result, recording an error under the field's name.
    pub fn take<T>(&mut self, field: &str, result: Result<T, InvalidField>) -> Option<T> {
        result.map_err(|error| self.add(field, || error.message)).ok()
    }

    /// Adds all errors of a part of the body.
    pub fn extend(&mut self, invalid: InvalidFields) {
        for error in invalid.errors {
            self.push(|| error);
        }
        self.omitted += invalid.omitted;
    }

    fn push(&mut self, error: impl FnOnce() -> FieldError) {
        if self.errors.len() < InvalidFields::MAX_ERRORS {
            self.errors.push(error());
        } else {
            self.omitted += 1;
        }
    }

    /// Returns whether an error of this field was recorded.
    pub fn concern(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }

    /// Returns whether no errors were recorded.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// Returns the errors as warnings, of which there are at most [`InvalidFields::MAX_ERRORS`].
    pub fn into_warnings(self) -> Vec<FieldError> {
        self.errors
    }

    /// Returns the value if there were no errors.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, InvalidFields> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(InvalidFields { errors: self.errors, omitted: self.omitted }),
        }
    }
}

/// Formats a JSON value for an error message: abbreviated, with its type.
pub fn shown(value: &Value) -> String {
    let kind = match value {
        Value::Null => return "null".to_owned(),
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) => return quoted(text),
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    let mut excerpt = ExcerptWriter::default();
    // Writing fails once the excerpt is full, which stops the serializer early.
    let _ = write!(excerpt, "{value}");
    format!("{} ({kind})", excerpt.text)
}

/// Formats a text for an error message: quoted, escaped, and cut to [`SHOWN_CHARS`].
pub fn quoted(text: &str) -> String {
    let mut excerpt = ExcerptWriter::default();
    let _ = text.chars().try_for_each(|c| write!(excerpt, "{}", c.escape_debug()));
    format!("\"{}\"", excerpt.text)
}

/// Maximum characters of a value in an error message.
const SHOWN_CHARS: usize = 60;

/// A writer that keeps only the beginning.
#[derive(Default)]
struct ExcerptWriter {
    text: String,
    chars: usize,
}

impl fmt::Write for ExcerptWriter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            if self.chars == SHOWN_CHARS {
                self.text.push('…');
                return Err(fmt::Error);
            }
            self.text.push(c);
            self.chars += 1;
        }
        Ok(())
    }
}

/// Replaces control characters and truncates to `max_bytes`, for including untrusted text in a message.
pub fn clipped(mut text: String, max_bytes: usize) -> String {
    // Control characters could forge log lines or drive a terminal.
    if text.contains(char::is_control) {
        text = text.replace(char::is_control, "\u{fffd}");
    }
    if text.len() > max_bytes {
        // The ellipsis is included in the limit.
        text.truncate(text.floor_char_boundary(max_bytes - '…'.len_utf8()));
        text.push('…');
    }
    text
}

/// Returns whether a text has more than `max_chars` characters, without counting all of them.
pub(crate) fn longer_than(text: &str, max_chars: usize) -> bool {
    // A text has at most as many characters as bytes, so short texts need not be scanned.
    text.len() > max_chars && text.chars().nth(max_chars).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_are_bounded_whatever_was_sent() {
        let mut errors = FieldErrors::default();
        for number in 0..100_000 {
            errors.add(&format!("{number}{}", "\u{1}\"".repeat(10_000)), || "\\\u{7}".repeat(10_000));
        }
        let invalid = errors.finish(None::<()>).unwrap_err();
        assert_eq!(
            (invalid.errors.len(), invalid.omitted),
            (InvalidFields::MAX_ERRORS, 100_000 - InvalidFields::MAX_ERRORS)
        );
        let errors = invalid.under(&"x".repeat(10_000)).errors;
        let bytes: usize = errors.iter().map(|error| error.field.len() + error.message.len()).sum();
        assert!(bytes <= 30_000, "{bytes} bytes");
    }

    #[test]
    fn values_are_shown_by_their_beginning() {
        let long = "é\u{1b}".repeat(1_000_000);
        for value in [json!(long), json!([long, long]), json!({ long.as_str(): 1 }), json!(vec![0; 1_000_000])] {
            let shown = shown(&value);
            assert!(shown.chars().count() <= SHOWN_CHARS + 20 && shown.contains('…'), "{shown}");
        }
        assert_eq!(quoted("a \"b\"\n"), r#""a \"b\"\n""#);
        assert_eq!(shown(&json!({"a": [1]})), r#"{"a":[1]} (an object)"#);
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let mut errors = FieldErrors::default();
        (0..25).for_each(|_| errors.add("a", || "is wrong".to_owned()));
        let invalid = errors.finish(None::<()>).unwrap_err();
        assert!(invalid.to_string().ends_with("; and 5 more"), "{invalid}");
        assert_eq!(invalid.summary(), "a: is wrong (and 24 more errors)");
        assert_eq!(InvalidFields::one("", "is wrong").summary(), "is wrong");
    }
}
