//! What the operators say to everyone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::field::{Invalid, InvalidField, longer_than, quoted, shown};
use crate::money::Currency;
use crate::resource::{
    FieldPresence, FieldSchema, RequestKind, RequestResource, ResourceField, ResourceFields, UnknownFields, assign,
};
use crate::text::several_lines;
use crate::time::{Timestamp, rfc3339};

/// How serious a message is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
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
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn from_json(value: &Value) -> Result<Self, Invalid> {
        let blank = Self { message: String::new(), level: Level::Info };
        Self::FIELDS.read(value, RequestKind::Create, blank, Currency::USD)
    }

    /// The words.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// How serious it is.
    pub const fn level(&self) -> Level {
        self.level
    }

    /// The message as clients are told of it.
    pub fn to_payload(&self, at: Timestamp) -> Value {
        json!({ "message": self.message, "level": self.level, "timestamp": rfc3339(at) })
    }
}

impl RequestResource for SystemMessage {
    type Draft = Self;

    const FIELDS: ResourceFields<Self> = ResourceFields {
        noun: "message",
        expected: "an object with message and level",
        schema_name: "SystemMessageFields",
        docs: "A message to everyone.",
        unknown: UnknownFields::Ignored,
        check: |_, _| {},
        fields: &[
            ResourceField::<Self>::new("message", FieldSchema::Text, "1 to 2,000 characters.", |draft, value, _| {
                let text = value.as_str().ok_or_else(|| {
                    InvalidField::new(format!("{} is no text; give 1 to {} characters", shown(value), Self::MAX_CHARS))
                })?;
                assign(&mut draft.message, read_message(text))
            })
            .presence(FieldPresence::Required("give 1 to 2000 characters")),
            ResourceField::new(
                "level",
                FieldSchema::Text,
                "`info` (the default), `success`, `warning` or `error`.",
                |draft, value, _| assign(&mut draft.level, read_level(value)),
            ),
        ],
    };
}

fn read_level(value: &Value) -> Result<Level, InvalidField> {
    match value {
        Value::Null => Ok(Level::Info),
        Value::String(text) => text.parse(),
        other => Err(InvalidField::new(format!("{} is no level; give info, success, warning or error", shown(other)))),
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
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl FromStr for Level {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        match text {
            "info" => Ok(Self::Info),
            "success" => Ok(Self::Success),
            "warning" => Ok(Self::Warning),
            "error" => Ok(Self::Error),
            _ => Err(InvalidField::new(format!("{} is no level; give info, success, warning or error", quoted(text)))),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_without_a_level_is_for_information() {
        let message = SystemMessage::from_json(&json!({ "message": " Back at noon\n" })).unwrap();
        assert_eq!((message.message(), message.level()), ("Back at noon", Level::Info));
        let at = crate::parse_timestamp("2025-10-09").unwrap();
        assert_eq!(
            message.to_payload(at),
            json!({ "message": "Back at noon", "level": "info", "timestamp": "2025-10-09T00:00:00Z" })
        );
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
