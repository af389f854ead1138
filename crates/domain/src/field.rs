//! What is wrong with a field, in words its sender can act on.

use std::fmt::{self, Write as _};

use serde_json::Value;

/// One wrong field: where it is, and what would be right. Both texts are bounded and free of control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldError {
    /// The path to the field, as in `items[3].title`; empty for the whole body.
    pub field: String,
    /// Names the value that was given and what would be right.
    pub message: String,
    /// Where in the field's trimmed text the error is, in Unicode characters from 0; only errors about keywords have it.
    pub position: Option<u32>,
}

/// The fields that are wrong; at most [`InvalidFields::MAX_ERRORS`] of them are described.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct InvalidFields {
    /// Never empty.
    pub errors: Vec<FieldError>,
    /// The number of further errors that are not described.
    pub omitted: usize,
}

/// Why one value was refused, before it is known which field it came in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidField {
    message: String,
}

impl FieldError {
    const MAX_FIELD_BYTES: usize = 200;
    const MAX_MESSAGE_BYTES: usize = 1_000;

    /// An error of the field of that name.
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: clipped(field.into(), Self::MAX_FIELD_BYTES),
            message: clipped(message.into(), Self::MAX_MESSAGE_BYTES),
            position: None,
        }
    }

    /// The same error, located in the field's text: Unicode characters from 0.
    #[must_use]
    pub fn at_position(self, position: usize) -> Self {
        Self { position: u32::try_from(position).ok(), ..self }
    }
}

impl InvalidField {
    /// A refusal in these words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// The refusal as an error of the field of that name.
    pub fn at(self, field: impl Into<String>) -> FieldError {
        FieldError::new(field, self.message)
    }
}

impl InvalidFields {
    /// The most errors that are described; the rest are counted.
    pub const MAX_ERRORS: usize = 20;

    /// A single wrong field.
    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        FieldError::new(field, message).into()
    }

    /// The same errors below a path: `title` under `items[3]` is `items[3].title`.
    #[must_use]
    pub fn under(mut self, path: &str) -> Self {
        for error in &mut self.errors {
            let field = if error.field.is_empty() { path.to_owned() } else { format!("{path}.{}", error.field) };
            error.field = clipped(field, FieldError::MAX_FIELD_BYTES);
        }
        self
    }

    /// The first error and the number of the others, for where the errors are listed besides.
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
        // People count from 1.
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

/// Collects what is wrong while a body is read, so that its sender learns all of it at once.
///
/// After [`InvalidFields::MAX_ERRORS`] errors it only counts, so that a large body costs no more memory than a small one.
#[derive(Debug, Default)]
pub struct FieldErrors {
    errors: Vec<FieldError>,
    omitted: usize,
    has_unknown: bool,
}

impl FieldErrors {
    /// Adds an error of the field of that name; the message is built only where it is kept.
    pub fn add(&mut self, field: &str, message: impl FnOnce() -> String) {
        self.push(|| FieldError::new(field, message()));
    }

    /// Adds an error for a field that does not exist; the first such error lists those that do.
    pub fn add_unknown(&mut self, field: &str, noun: &str, known: &[&str]) {
        let known = if std::mem::replace(&mut self.has_unknown, true) { None } else { Some(known) };
        self.add(field, || match known {
            Some([only]) => format!("is no field of a {noun}; there is {only}"),
            Some(known) => format!("is no field of a {noun}; there are {}", known.join(", ")),
            None => format!("is no field of a {noun}"),
        });
    }

    /// The value, or `None` with the refusal noted under the field's name.
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

    /// Whether a described error names that field.
    pub fn concern(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }

    /// Whether nothing was wrong so far.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The finished value when nothing was wrong.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, InvalidFields> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(InvalidFields { errors: self.errors, omitted: self.omitted }),
        }
    }
}

/// A JSON value as an error message shows it: short, and with its type.
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
    // Writing ends with an error where the excerpt is full.
    let _ = write!(excerpt, "{value}");
    format!("{} ({kind})", excerpt.text)
}

/// A text as an error message shows it: in quotation marks, escaped, and cut to [`SHOWN_CHARS`].
pub fn quoted(text: &str) -> String {
    let mut excerpt = ExcerptWriter::default();
    let _ = text.chars().try_for_each(|c| write!(excerpt, "{}", c.escape_debug()));
    format!("\"{}\"", excerpt.text)
}

/// The most characters of a value that an error message shows.
const SHOWN_CHARS: usize = 60;

/// The beginning of what is written to it.
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

/// The text without control characters, cut to a number of bytes: as much of others' words as a message may repeat.
pub fn clipped(mut text: String, max_bytes: usize) -> String {
    if text.contains(char::is_control) {
        text = text.replace(char::is_control, "\u{fffd}");
    }
    if text.len() > max_bytes {
        text.truncate(text.floor_char_boundary(max_bytes - '…'.len_utf8()));
        text.push('…');
    }
    text
}

/// Whether the text is longer than so many characters, without counting them all.
pub(crate) fn longer_than(text: &str, max_chars: usize) -> bool {
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
