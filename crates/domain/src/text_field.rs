//! How fields with text are read, of whatever resource.

use serde_json::Value;

use crate::field::{InvalidField, longer_than, quoted, shown};
use crate::text::one_line;

/// A text without the white space around it; `null` and blank are the same.
pub(crate) fn optional_text(value: &Value) -> Result<Option<&str>, InvalidField> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        other => Err(InvalidField::new(format!("{} is no text; give a string", shown(other)))),
    }
}

/// A text on one line; `null` and blank are the same.
pub(crate) fn optional_line(value: &Value, max_chars: usize) -> Result<Option<String>, InvalidField> {
    let Some(text) = optional_text(value)? else { return Ok(None) };
    let line = within(one_line(text), max_chars)?;
    Ok(Some(line).filter(|line| !line.is_empty()))
}

/// The text, unless it is longer than that.
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
