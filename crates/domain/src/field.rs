//! What is wrong with a field, in words its sender can act on.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One wrong field: where it is, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct FieldError {
    /// The path to the field, as in `items[3].title`; empty for the whole body.
    pub field: String,
    /// Names the value that was given and what would be right.
    pub message: String,
}

/// Everything that is wrong with what was given, at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
pub struct Invalid {
    /// Never empty.
    pub errors: Vec<FieldError>,
}

/// Why one value was refused, before it is known which field it came in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidField {
    message: String,
}

impl InvalidField {
    /// A refusal in these words.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// The refusal as an error of the field of that name.
    pub fn at(self, field: impl Into<String>) -> FieldError {
        FieldError { field: field.into(), message: self.message }
    }
}

impl Invalid {
    /// A single wrong field.
    pub fn one(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { errors: vec![InvalidField::new(message).at(field)] }
    }

    /// The same errors below a path: `title` under `items[3]` is `items[3].title`.
    #[must_use]
    pub fn under(mut self, path: &str) -> Self {
        for error in &mut self.errors {
            error.field = if error.field.is_empty() { path.to_owned() } else { format!("{path}.{}", error.field) };
        }
        self
    }
}

impl From<FieldError> for Invalid {
    fn from(error: FieldError) -> Self {
        Self { errors: vec![error] }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.field, self.message) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

/// Collects what is wrong while a body is read, so that its sender hears all of it at once.
#[derive(Default)]
pub(crate) struct Errors(Vec<FieldError>);

impl Errors {
    /// The value, or `None` with the refusal noted under the field's name.
    pub(crate) fn take<T>(&mut self, field: &str, result: Result<T, InvalidField>) -> Option<T> {
        result.map_err(|error| self.0.push(error.at(field))).ok()
    }

    /// The finished value when nothing was wrong.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Invalid> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(Invalid { errors: self.0 }),
        }
    }
}

/// A JSON value as an error message shows it: short, and with its type.
pub(crate) fn shown(value: &Value) -> String {
    let kind = match value {
        Value::Null => return "null".to_owned(),
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) => return quoted(text),
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    format!("{} ({kind})", excerpt(&value.to_string()))
}

/// A text as an error message shows it.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", excerpt(text))
}

fn excerpt(text: &str) -> String {
    const SHOWN_CHARS: usize = 60;
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether the text is longer than so many characters, without counting them all.
pub(crate) fn longer_than(text: &str, max_chars: usize) -> bool {
    text.len() > max_chars && text.chars().nth(max_chars).is_some()
}

/// The text on one line: control characters and runs of white space become single spaces, none at the ends.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}
