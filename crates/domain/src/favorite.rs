//! Favourite listings.

use serde_json::Value;

use crate::field::{InvalidField, InvalidFields, longer_than, quoted, shown};
use crate::listing::Listing;
use crate::money::Currency;
use crate::resource::{
    FieldSchema, RequestKind, RequestResource, ResourceField, ResourceFields, UnknownFields, assign,
};
use crate::time::Timestamp;

/// A user's favourite.
#[derive(Clone, Debug, PartialEq)]
pub struct Favorite {
    /// The listing in its current state.
    pub listing: Listing,
    /// The user's notes.
    pub notes: Option<NoteText>,
    /// Time when it became a favourite.
    pub created_at: Timestamp,
}

/// A user's notes on a listing: up to 2,000 characters, possibly on several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteText(Box<str>);

/// Change of a favourite's notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotesChange {
    /// Keeps the notes; a new favourite has none.
    Keep,
    /// Removes the notes.
    Clear,
    /// Replaces the notes.
    Replace(NoteText),
}

impl NoteText {
    /// Maximum length in characters.
    pub const MAX_CHARS: usize = 2000;

    /// Parses notes; rejects control characters other than line feeds, which a text field cannot show.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        if longer_than(text, Self::MAX_CHARS) {
            let chars = text.chars().count();
            let most = Self::MAX_CHARS;
            return Err(InvalidField::new(format!("{} is {chars} characters long; give at most {most}", quoted(text))));
        }
        if let Some(control) = text.chars().find(|c| c.is_control() && *c != '\n') {
            return Err(InvalidField::new(format!(
                "{} has the control character U+{:04X}; give text in which lines end with a line feed, U+000A",
                quoted(text),
                u32::from(control)
            )));
        }
        Ok(Self(text.into()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NotesChange {
    /// Parses `{notes?}`: a missing field keeps the notes, `null` removes them.
    ///
    /// # Errors
    /// All invalid fields.
    pub fn from_json(value: &Value) -> Result<Self, InvalidFields> {
        // No field is an amount, so the currency does not matter.
        Self::FIELDS.read(value, RequestKind::Change, Self::Keep, Currency::USD)
    }
}

impl RequestResource for NotesChange {
    type Draft = Self;

    const FIELDS: ResourceFields<Self> = ResourceFields {
        noun: "favourite",
        expected: "an object with notes",
        schema_name: "FavoriteNotes",
        docs: "What to write about a favourite.",
        unknown: UnknownFields::Refused,
        check: |_, _| {},
        fields: &[ResourceField::new(
            "notes",
            FieldSchema::Text,
            "At most 2,000 characters; null takes the notes away, and without the field they stay as they are.",
            |draft, value, _| assign(draft, read_notes(value)),
        )],
    };
}

fn read_notes(value: &Value) -> Result<NotesChange, InvalidField> {
    match value {
        Value::Null => Ok(NotesChange::Clear),
        Value::String(text) => NoteText::parse(text).map(NotesChange::Replace),
        other => Err(InvalidField::new(format!("{} is not text; give a string or null", shown(other)))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn notes_are_left_cleared_or_replaced() {
        let replaced = NoteText::parse("Ask for Ann.\nCash only.").unwrap();
        assert_eq!(NotesChange::from_json(&json!({})), Ok(NotesChange::Keep));
        assert_eq!(NotesChange::from_json(&json!({ "notes": null })), Ok(NotesChange::Clear));
        let given = json!({ "notes": replaced.as_str() });
        assert_eq!(NotesChange::from_json(&given), Ok(NotesChange::Replace(replaced)));
        assert!(NoteText::parse(&"é".repeat(2000)).is_ok());
    }

    #[test]
    fn what_is_no_note_is_refused_by_name_and_value() {
        for (body, expected) in [
            (json!([]), "[] (an array) is not a favourite; give an object with notes"),
            (json!({ "note": "x" }), "note: is not a field of a favourite; there is notes"),
            (json!({ "notes": 7 }), "notes: 7 (a number) is not text; give a string or null"),
            (
                json!({ "notes": "a\tb" }),
                "notes: \"a\\tb\" has the control character U+0009; give text in which lines end with a line feed, U+000A",
            ),
        ] {
            assert_eq!(NotesChange::from_json(&body).unwrap_err().to_string(), expected);
        }
        let long = NotesChange::from_json(&json!({ "notes": "é".repeat(2001) })).unwrap_err().to_string();
        assert!(long.ends_with("is 2001 characters long; give at most 2000"), "{long}");
        for text in ["\r\n", "\0", "\u{7f}", "\u{85}"] {
            assert!(NoteText::parse(text).is_err(), "{text:?}");
        }
    }
}
