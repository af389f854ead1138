//! Events and their payloads.

use serde::Serialize;
use superbot_domain::EventKind;

use crate::broadcast::{ScraperStatus, SystemMessage};
use crate::connection::{ChannelSubscription, ConnectionStatus, GoingAway, PongReply, SocketError};
use crate::listing::{Listing, ListingUpdate};
use crate::notification::{NotificationsRead, UserNotification};

/// Payload of an event in the log; clients receive it with the event's `seq` as the last field.
pub trait EventPayload: Serialize {
    /// Kind of the event.
    const KIND: EventKind;

    /// Serializes the payload as stored in the log: a JSON object on one line.
    ///
    /// # Errors
    /// If a field cannot be serialized. Stored payloads are sent unchanged, so there must be no fallback.
    fn to_json(&self) -> serde_json::Result<Box<str>> {
        serde_json::to_string(self).map(Into::into)
    }
}

/// Assigns payload types to the kinds of events, and lists them for the OpenAPI document.
macro_rules! event_payloads {
    ($($kind:ident => $payload:ty),+ $(,)?) => {
        $(impl EventPayload for $payload {
            const KIND: EventKind = EventKind::$kind;
        })+

        /// Kinds with a payload for clients.
        #[cfg(test)]
        const KINDS_WITH_PAYLOAD: &[EventKind] = &[$(EventKind::$kind),+];

        #[cfg(feature = "openapi")]
        fn logged_schemas() -> Vec<EventSchema> {
            vec![$(EventSchema::logged::<$payload>()),+]
        }
    };
}

event_payloads! {
    NewListing => Listing<'_>,
    ListingUpdated => ListingUpdate<'_>,
    Notification => UserNotification<'_>,
    NotificationRead => NotificationsRead,
    ScraperStatus => ScraperStatus<'_>,
    SystemMessage => SystemMessage<'_>,
}

/// Assigns payload types to the names of events outside the log, and lists them for the OpenAPI document.
macro_rules! connection_events {
    ($($(#[$documentation:meta])+ $name:literal => $variant:ident($payload:ty)),+ $(,)?) => {
        /// An event about one connection, which is not in the log. It serializes as its payload.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum ConnectionEvent<'a> {
            $($(#[$documentation])+ $variant($payload)),+
        }

        impl ConnectionEvent<'_> {
            /// Returns the name on the wire.
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name),+
                }
            }
        }

        #[cfg(feature = "openapi")]
        impl<'a> ConnectionEvent<'a> {
            fn schemas() -> Vec<EventSchema> {
                vec![$(EventSchema::of_connection::<$payload>($name)),+]
            }
        }
    };
}

connection_events! {
    /// First event on a new connection.
    "connection_status" => Status(ConnectionStatus<'a>),
    /// Response to `ping`.
    "pong" => Pong(PongReply),
    /// The server is about to stop.
    "going_away" => GoingAway(GoingAway),
    /// A subscription was created.
    "subscribed" => Subscribed(ChannelSubscription),
    /// A subscription was removed.
    "unsubscribed" => Unsubscribed(ChannelSubscription),
    /// A client's event was rejected.
    "error" => Error(SocketError),
}

#[cfg(feature = "openapi")]
pub use schema::{EventSchema, event_schemas};

#[cfg(feature = "openapi")]
mod schema {
    use superbot_domain::EventKind;
    use utoipa::ToSchema;

    use super::{ConnectionEvent, EventPayload};
    use crate::component_schema::ComponentSchema;

    /// Schema of an event that clients receive.
    pub struct EventSchema {
        /// Name on the wire.
        pub event: &'static str,
        /// Kind in the log; `None` for events about one connection.
        pub kind: Option<EventKind>,
        /// Schema of the payload, without the `seq` that events in the log have.
        pub payload: ComponentSchema,
    }

    impl EventSchema {
        pub(super) fn logged<P: EventPayload + ToSchema>() -> Self {
            Self { event: P::KIND.wire_name(), kind: Some(P::KIND), payload: ComponentSchema::of::<P>() }
        }

        pub(super) fn of_connection<P: ToSchema>(event: &'static str) -> Self {
            Self { event, kind: None, payload: ComponentSchema::of::<P>() }
        }
    }

    /// Returns the schemas of all events that clients receive.
    pub fn event_schemas() -> Vec<EventSchema> {
        let mut schemas = super::logged_schemas();
        schemas.extend(ConnectionEvent::schemas());
        schemas
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_event_for_clients_has_a_payload() {
        let sent: HashSet<EventKind> = EventKind::iter().filter(|kind| !kind.is_control()).collect();
        assert_eq!(KINDS_WITH_PAYLOAD.iter().copied().collect::<HashSet<_>>(), sent);
    }

    #[test]
    fn an_event_of_a_connection_is_written_as_its_payload() {
        let event = ConnectionEvent::GoingAway(GoingAway { retry_after_ms: 250 });
        assert_eq!(event.name(), "going_away");
        assert_eq!(serde_json::to_string(&event).unwrap(), r#"{"retry_after_ms":250}"#);
    }
}
