//! What the operators say to everyone.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{FieldErrors, Invalid, InvalidField, longer_than, quoted, shown};
use crate::text::several_lines;

/// How serious a message is.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidField, parse_err_fn = invalid_level)]
pub enum Level {
    /// For your information.
    #[default]
    Info,
    /// Something went well.
    Success,
    /// Something wants attention.
    Warning,
    /// Something went wrong.
    Error,
}

/// A message to everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SystemMessage {
    message: String,
    level: Level,
}

impl SystemMessage {
    const MAX_CHARS: usize = 2000;

    /// A message of 1 to 2,000 characters.
    pub fn new(message: &str, level: Level) -> Result<Self, Invalid> {
        let message = read_message(message).map_err(|error| error.at("message"))?;
        Ok(Self { message, level })
    }

    /// Reads `{message, level}`; without a level it is for information.
    pub fn from_json(value: &Value) -> Result<Self, Invalid> {
        let Some(object) = value.as_object() else {
            return Err(Invalid::one(
                "",
                format!("{} is no message; give an object with message and level", shown(value)),
            ));
        };
        let mut errors = FieldErrors::default();
        let message = match object.get("message") {
            Some(Value::String(text)) => read_message(text),
            Some(other) => {
                Err(InvalidField::new(format!("{} is no text; give 1 to {} characters", shown(other), Self::MAX_CHARS)))
            }
            None => Err(InvalidField::new(format!("is missing; give 1 to {} characters", Self::MAX_CHARS))),
        };
        let level = match object.get("level") {
            None | Some(Value::Null) => Ok(Level::Info),
            Some(Value::String(text)) => text.parse(),
            Some(other) => {
                Err(InvalidField::new(format!("{} is no level; give info, success, warning or error", shown(other))))
            }
        };
        let (message, level) = (errors.take("message", message), errors.take("level", level));
        errors.finish(message.zip(level).map(|(message, level)| Self { message, level }))
    }

    /// The words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How serious it is.
    pub const fn level(&self) -> Level {
        self.level
    }
}

fn read_message(text: &str) -> Result<String, InvalidField> {
    let message = several_lines(text.trim());
    if message.is_empty() || longer_than(&message, SystemMessage::MAX_CHARS) {
        return Err(InvalidField::new(format!(
            "{} is {} characters long; give 1 to {}",
            quoted(&message),
            message.chars().count(),
            SystemMessage::MAX_CHARS
        )));
    }
    Ok(message)
}

impl Level {
    /// The words for all levels.
    pub const NAMES: &[&str] = <Self as strum::VariantNames>::VARIANTS;

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

fn invalid_level(text: &str) -> InvalidField {
    InvalidField::new(format!("{} is no level; give info, success, warning or error", quoted(text)))
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_without_a_level_is_for_information() {
        let message = SystemMessage::from_json(&json!({ "message": " Back at noon\n" })).unwrap();
        assert_eq!((message.message(), message.level()), ("Back at noon", Level::Info));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let invalid = SystemMessage::from_json(&json!({ "message": "", "level": "loud" })).unwrap_err();
        let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["message", "level"]);
        for wrong in [
            json!([]),
            json!({}),
            json!({ "message": 5 }),
            json!({ "message": "x".repeat(2001) }),
            json!({ "message": "x", "level": 1 }),
        ] {
            assert!(SystemMessage::from_json(&wrong).is_err(), "{wrong}");
        }
    }
}
