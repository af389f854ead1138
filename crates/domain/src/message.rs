//! System messages from operators to everyone.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::field::{InvalidField, InvalidFields, longer_than, quoted, shown};
use crate::money::Currency;
use crate::resource::{
    FieldPresence, FieldSchema, RequestKind, RequestResource, ResourceField, ResourceFields, UnknownFields, assign,
};
use crate::text::several_lines;

/// Severity of a message.
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
pub enum MessageLevel {
    /// For information only.
    #[default]
    Info,
    /// An operation succeeded.
    Success,
    /// Attention is required.
    Warning,
    /// Something failed.
    Error,
}

/// A message to everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewSystemMessage {
    message: String,
    level: MessageLevel,
}

impl NewSystemMessage {
    const MAX_CHARS: usize = 2000;

    /// Creates a message of 1 to 2,000 characters.
    pub fn new(message: &str, level: MessageLevel) -> Result<Self, InvalidFields> {
        let message = read_message(message).map_err(|error| error.at("message"))?;
        Ok(Self { message, level })
    }

    /// Parses `{message, level?}`; the default level is `info`.
    ///
    /// # Errors
    /// All invalid fields.
    pub fn from_json(value: &Value) -> Result<Self, InvalidFields> {
        let blank = Self { message: String::new(), level: MessageLevel::Info };
        // No field is an amount, so the currency does not matter.
        Self::FIELDS.read(value, RequestKind::Create, blank, Currency::USD)
    }

    /// Returns the text.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Returns the severity.
    pub const fn level(&self) -> MessageLevel {
        self.level
    }
}

impl RequestResource for NewSystemMessage {
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
                    InvalidField::new(format!("{} is not text; give 1 to {} characters", shown(value), Self::MAX_CHARS))
                })?;
                assign(&mut draft.message, read_message(text))
            })
            .presence(FieldPresence::Required("give 1 to 2000 characters")),
            ResourceField::new(
                "level",
                FieldSchema::Choice(MessageLevel::NAMES),
                "How serious it is; `info`, when left out.",
                |draft, value, _| assign(&mut draft.level, read_level(value)),
            ),
        ],
    };
}

fn read_level(value: &Value) -> Result<MessageLevel, InvalidField> {
    match value {
        Value::Null => Ok(MessageLevel::Info),
        Value::String(text) => text.parse(),
        other => Err(refused_level(&shown(other))),
    }
}

fn read_message(text: &str) -> Result<String, InvalidField> {
    // The limit applies to the cleaned text, which is what clients receive.
    let message = several_lines(text.trim());
    if message.is_empty() || longer_than(&message, NewSystemMessage::MAX_CHARS) {
        return Err(InvalidField::new(format!(
            "{} is {} characters long; give 1 to {}",
            quoted(&message),
            message.chars().count(),
            NewSystemMessage::MAX_CHARS
        )));
    }
    Ok(message)
}

impl MessageLevel {
    /// Names of all levels.
    pub const NAMES: &[&str] = <Self as strum::VariantNames>::VARIANTS;

    /// Returns the name used in the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

fn invalid_level(text: &str) -> InvalidField {
    refused_level(&quoted(text))
}

fn refused_level(given: &str) -> InvalidField {
    InvalidField::new(format!("{given} is not a level; give info, success, warning or error"))
}

impl fmt::Display for MessageLevel {
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
        let message = NewSystemMessage::from_json(&json!({ "message": " Back at noon\n" })).unwrap();
        assert_eq!((message.message(), message.level()), ("Back at noon", MessageLevel::Info));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let invalid = NewSystemMessage::from_json(&json!({ "message": "", "level": "loud" })).unwrap_err();
        let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["message", "level"]);
        for wrong in [
            json!([]),
            json!({}),
            json!({ "message": 5 }),
            json!({ "message": "x".repeat(2001) }),
            json!({ "message": "x", "level": 1 }),
        ] {
            assert!(NewSystemMessage::from_json(&wrong).is_err(), "{wrong}");
        }
    }
}
