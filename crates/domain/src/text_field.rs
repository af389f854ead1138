//! Parsing of text fields.

use serde_json::Value;

use crate::field::{InvalidField, longer_than, quoted, shown};
use crate::text::one_line;

/// Returns the trimmed text; `None` for `null` and blank texts.
pub(crate) fn optional_text(value: &Value) -> Result<Option<&str>, InvalidField> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        other => Err(InvalidField::new(format!("{} is not text; give a string", shown(other)))),
    }
}

/// Returns the text on one line; `None` for `null` and blank texts.
pub(crate) fn optional_line(value: &Value, max_chars: usize) -> Result<Option<String>, InvalidField> {
    let Some(text) = optional_text(value)? else { return Ok(None) };
    let line = within(one_line(text), max_chars)?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// Returns the text if it has at most `max_chars` characters.
pub(crate) fn within(text: String, max_chars: usize) -> Result<String, InvalidField> {
    if longer_than(&text, max_chars) {
        let chars = text.chars().count();
        return Err(InvalidField::new(format!(
            "{} is {chars} characters long; give at most {max_chars}",
            quoted(&text)
        )));
    }
    Ok(text)
}
