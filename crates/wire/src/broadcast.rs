//! Events to everyone other than listings.

use serde::Serialize;
use superbot_domain as domain;

use crate::scalar::Rfc3339;

/// Whether each source is running: one boolean per source, beside `timestamp`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScraperStatus<'a> {
    #[serde(flatten)]
    sources: &'a domain::ScraperStates,
    timestamp: Rfc3339,
}

/// A message to everyone, such as an announcement of maintenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SystemMessage<'a> {
    /// Severity.
    #[cfg_attr(feature = "openapi", schema(value_type = MessageLevel))]
    pub level: domain::MessageLevel,
    /// Text of 1 to 2,000 characters.
    pub message: &'a str,
    /// Time of sending. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Rfc3339,
}

impl<'a> ScraperStatus<'a> {
    /// Returns the status as of a given time.
    pub fn new(sources: &'a domain::ScraperStates, at: domain::Timestamp) -> Self {
        Self { sources, timestamp: at.into() }
    }
}

impl<'a> SystemMessage<'a> {
    /// Returns the message as sent at a given time.
    pub fn new(message: &'a domain::NewSystemMessage, at: domain::Timestamp) -> Self {
        Self { level: message.level(), message: message.message(), timestamp: at.into() }
    }
}

#[cfg(feature = "openapi")]
pub(crate) use schema::MessageLevel;

#[cfg(feature = "openapi")]
mod schema {
    use utoipa::openapi::RefOr;
    use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
    use utoipa::{PartialSchema, ToSchema};

    use super::{ScraperStatus, domain};
    use crate::component_schema::choice_schema;

    choice_schema!(MessageLevel: domain::MessageLevel);

    impl PartialSchema for ScraperStatus<'_> {
        fn schema() -> RefOr<Schema> {
            let date_time = SchemaFormat::KnownFormat(KnownFormat::DateTime);
            let timestamp = ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(date_time))
                .description(Some("Time of the last change. RFC 3339 in UTC."));
            let seq = ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(1))
                .description(Some(
                    "Sequence number of the event. Absent if the current status is repeated: at the start of a subscription, and on \
                     event streams.",
                ));
            ObjectBuilder::new()
                .description(Some("Whether each source is running: one boolean per source, beside `timestamp`."))
                .property("timestamp", timestamp)
                .required("timestamp")
                .property("seq", seq)
                // One property per source; their names are not known in advance.
                .additional_properties(Some(ObjectBuilder::new().schema_type(Type::Boolean)))
                .into()
        }
    }

    impl ToSchema for ScraperStatus<'_> {}
}

#[cfg(test)]
mod tests {
    use domain::{MessageLevel, ScraperReport, parse_timestamp};
    use serde_json::json;

    use super::*;

    #[test]
    fn status_has_a_boolean_for_each_source() {
        let mut status = domain::ScraperStates::initial();
        status.merge(&ScraperReport::from_json(&json!({ "Facebook": true, "my-feed": true })).unwrap());
        let at = parse_timestamp("2025-10-09").unwrap();
        assert_eq!(
            serde_json::to_string(&ScraperStatus::new(&status, at)).unwrap(),
            r#"{"craigslist":false,"facebook":true,"ksl":false,"my-feed":true,"timestamp":"2025-10-09T00:00:00Z"}"#
        );
    }

    #[test]
    fn a_message_has_a_level_and_a_time() {
        let message = domain::NewSystemMessage::new("Back at noon", MessageLevel::Info).unwrap();
        let at = parse_timestamp("2025-10-09").unwrap();
        assert_eq!(
            serde_json::to_string(&SystemMessage::new(&message, at)).unwrap(),
            r#"{"level":"info","message":"Back at noon","timestamp":"2025-10-09T00:00:00Z"}"#
        );
    }
}
