//! Which payload belongs to which event.

use serde::Serialize;
use superbot_domain::EventKind;

use crate::broadcast::{ScraperStatus, SystemMessage};
use crate::connection::{ChannelSubscription, ConnectionStatus, GoingAway, PongReply, SocketError};
use crate::listing::{Listing, ListingUpdate};
use crate::notification::{NotificationsRead, UserNotification};

/// The payload of an event of the log, which clients receive with the event's `seq` as its last field.
pub trait EventPayload: Serialize {
    /// The event's kind.
    const KIND: EventKind;

    /// The payload as the log keeps it: one JSON object on one line.
    ///
    /// # Errors
    /// When a field cannot be written as JSON. What is in the log is sent as it stands, so nothing may take its place.
    fn to_json(&self) -> serde_json::Result<Box<str>> {
        serde_json::to_string(self).map(Into::into)
    }
}

/// Ties the payloads of the log's events to their kinds, and lists them for the API's description.
macro_rules! event_payloads {
    ($($kind:ident => $payload:ty),+ $(,)?) => {
        $(impl EventPayload for $payload {
            const KIND: EventKind = EventKind::$kind;
        })+

        /// The kinds that have a payload for clients.
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

/// Ties the payloads of events outside the log to their names, and lists them for the API's description.
macro_rules! connection_events {
    ($($(#[$documentation:meta])+ $name:literal => $variant:ident($payload:ty)),+ $(,)?) => {
        /// An event about one connection, which is in no log. It is written as its payload alone.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        #[serde(untagged)]
        pub enum ConnectionEvent<'a> {
            $($(#[$documentation])+ $variant($payload)),+
        }

        impl ConnectionEvent<'_> {
            /// The event's name on the wire.
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
    /// The first event on a new connection.
    "connection_status" => Status(ConnectionStatus<'a>),
    /// The answer to `ping`.
    "pong" => Pong(PongReply),
    /// The server is about to stop.
    "going_away" => GoingAway(GoingAway),
    /// A subscription began.
    "subscribed" => Subscribed(ChannelSubscription),
    /// A subscription ended.
    "unsubscribed" => Unsubscribed(ChannelSubscription),
    /// A client's event was refused.
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

    /// An event that clients receive.
    pub struct EventSchema {
        /// The event's name.
        pub event: &'static str,
        /// Its kind in the log; `None` where it is about one connection.
        pub kind: Option<EventKind>,
        /// The schema of its payload, without the `seq` that events of the log have.
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

    /// Every event that clients receive.
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
