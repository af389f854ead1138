//! Notifications for one user.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::field::{FieldErrors, InvalidField, InvalidFields, quoted, shown};
use crate::ids::NotificationId;
use crate::json::JsonObject;
use crate::money::Currency;
use crate::resource::{
    FieldPresence, FieldSchema, RequestKind, RequestResource, ResourceField, ResourceFields, UnknownFields, assign,
};
use crate::source::is_word;
use crate::time::Timestamp;

/// A validated notification that has not been sent yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationDraft {
    kind: String,
    data: JsonObject,
}

/// A sent notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Unique id.
    pub id: NotificationId,
    /// Type, such as `price_alert`; `type` on the wire.
    pub kind: String,
    /// Content, whose fields depend on the type.
    pub data: JsonObject,
    /// Time of sending.
    pub created_at: Timestamp,
    /// Time when the user read it; `None` while unread.
    pub read_at: Option<Timestamp>,
    /// Sequence number of its event.
    pub seq: crate::event::Seq,
}

impl NotificationDraft {
    const MAX_DATA_BYTES: usize = 64 * 1024;

    /// Creates a notification of a type (1 to 50 of `a-z 0-9 _ . -`) with at most 64 KiB of data.
    pub fn new(kind: &str, data: JsonObject) -> Result<Self, InvalidFields> {
        let mut errors = FieldErrors::default();
        let kind = errors.take("type", read_kind(kind));
        let data = errors.take("data", read_data(data));
        errors.finish(kind.zip(data).map(|(kind, data)| Self { kind, data }))
    }

    /// Parses `{type, data?}`; the default data is `{}`.
    ///
    /// # Errors
    /// All invalid fields.
    pub fn from_json(value: &Value) -> Result<Self, InvalidFields> {
        let blank = Self { kind: String::new(), data: JsonObject::empty() };
        Self::FIELDS.read(value, RequestKind::Create, blank, Currency::USD)
    }

    /// Parses `{type, data?}` from text and preserves the data as written, including the order of fields.
    pub fn from_json_text(text: &str) -> Result<Self, InvalidFields> {
        #[derive(serde::Deserialize)]
        struct NotificationParts<'a> {
            #[serde(borrow)]
            data: Option<&'a RawValue>,
        }
        let value: Value = serde_json::from_str(text)
            .map_err(|error| InvalidFields::one("", format!("is not valid JSON: {error}")))?;
        let mut draft = Self::from_json(&value)?;
        // A parsed `Value` sorts the fields, so the data is read again as raw text.
        if let Ok(NotificationParts { data: Some(data) }) = serde_json::from_str(text)
            && let Ok(data) = JsonObject::parse(data.get())
        {
            draft.data = read_data(data).map_err(|error| error.at("data"))?;
        }
        Ok(draft)
    }

    /// Returns the type; `type` on the wire.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the content.
    pub const fn data(&self) -> &JsonObject {
        &self.data
    }

    /// Splits the notification into type and data.
    pub fn into_parts(self) -> (String, JsonObject) {
        (self.kind, self.data)
    }
}

impl RequestResource for NotificationDraft {
    type Draft = Self;

    const FIELDS: ResourceFields<Self> = ResourceFields {
        noun: "notification",
        expected: "an object with type and data",
        schema_name: "NotificationFields",
        docs: "A notification to be sent.",
        unknown: UnknownFields::Ignored,
        check: |_, _| {},
        fields: &[
            ResourceField::<Self>::new(
                "type",
                FieldSchema::Text,
                "What sort of notification it is: 1 to 50 of a-z, 0-9, _ . -",
                |draft, value, _| {
                    let text = value
                        .as_str()
                        .ok_or_else(|| InvalidField::new(format!("{} is not text; {KIND_CHARS}", shown(value))))?;
                    assign(&mut draft.kind, read_kind(text))
                },
            )
            .presence(FieldPresence::Required(KIND_CHARS)),
            ResourceField::new(
                "data",
                FieldSchema::Object,
                "What it says; at most 64 KiB, passed on as it is.",
                |draft, value, _| assign(&mut draft.data, read_data_value(value)),
            ),
        ],
    };
}

/// Syntax of a type; completes "is missing; ".
const KIND_CHARS: &str = "give 1 to 50 of a-z, 0-9, _ . -";

fn read_data_value(value: &Value) -> Result<JsonObject, InvalidField> {
    if value.is_null() { Ok(JsonObject::empty()) } else { JsonObject::from_value(value).and_then(read_data) }
}

fn read_kind(text: &str) -> Result<String, InvalidField> {
    if is_word(text) {
        Ok(text.to_owned())
    } else {
        Err(InvalidField::new(format!("{} is not a type; {KIND_CHARS}", quoted(text))))
    }
}

fn read_data(data: JsonObject) -> Result<JsonObject, InvalidField> {
    let bytes = data.as_str().len();
    if bytes > NotificationDraft::MAX_DATA_BYTES {
        return Err(InvalidField::new(format!(
            "is {bytes} bytes of JSON; give at most {}",
            NotificationDraft::MAX_DATA_BYTES
        )));
    }
    Ok(data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn data_may_be_left_out() {
        assert_eq!(NotificationDraft::from_json(&json!({ "type": "custom" })).unwrap().data().as_str(), "{}");
        assert_eq!(
            NotificationDraft::from_json_text(r#"{"type":"custom","data":null}"#).unwrap().data().as_str(),
            "{}"
        );
    }

    #[test]
    fn wrong_parts_are_named() {
        for (wrong, field) in [
            (json!({ "data": {} }), "type"),
            (json!({ "type": "", "data": {} }), "type"),
            (json!({ "type": "Über", "data": {} }), "type"),
            (json!({ "type": 4, "data": {} }), "type"),
            (json!({ "type": "custom", "data": [1] }), "data"),
            (json!({ "type": "custom", "data": "x" }), "data"),
            (json!({ "type": "custom", "data": { "x": "y".repeat(64 * 1024) } }), "data"),
            (json!("custom"), ""),
        ] {
            let invalid = NotificationDraft::from_json(&wrong).unwrap_err();
            assert_eq!(invalid.errors.len(), 1);
            assert_eq!(invalid.errors[0].field, field);
            assert_eq!(NotificationDraft::from_json_text(&wrong.to_string()).unwrap_err(), invalid);
        }
    }
}
