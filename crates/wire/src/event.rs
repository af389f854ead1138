//! Which payload belongs to which event.

use serde::Serialize;
use superbot_domain::EventKind;

use crate::broadcast::{ScraperStatus, SystemMessage};
use crate::listing::{Listing, ListingUpdate};
use crate::notification::{NotificationsRead, UserNotification};

/// The payload of an event of the log, which clients receive with the event's `seq` as its last field.
pub trait EventPayload: Serialize {
    /// The event's kind.
    const KIND: EventKind;

    /// The payload as the log keeps it: one JSON object on one line.
    fn to_json(&self) -> Box<str> {
        // Writing texts, numbers and JSON that was parsed before into memory does not fail.
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned()).into()
    }
}

/// Gives each payload its kind, and the API's description all of them.
macro_rules! event_payloads {
    ($($kind:ident => $payload:ty),+ $(,)?) => {
        $(impl EventPayload for $payload {
            const KIND: EventKind = EventKind::$kind;
        })+

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

#[cfg(feature = "openapi")]
pub use schema::{EventSchema, event_schemas};

#[cfg(feature = "openapi")]
mod schema {
    use utoipa::ToSchema;

    use super::EventPayload;
    use crate::component_schema::ComponentSchema;
    use crate::connection::{ChannelSubscription, ConnectionStatus, GoingAway, PongReply, SocketError};

    /// An event that clients receive.
    pub struct EventSchema {
        /// The event's name.
        pub event: &'static str,
        /// Whether it is kept in the log and carries its place there, `seq`.
        pub is_logged: bool,
        /// The schema of its payload.
        pub payload: ComponentSchema,
    }

    impl EventSchema {
        pub(super) fn logged<P: EventPayload + ToSchema>() -> Self {
            Self { event: P::KIND.wire_name(), is_logged: true, payload: ComponentSchema::of::<P>() }
        }

        fn of_connection<P: ToSchema>(event: &'static str) -> Self {
            Self { event, is_logged: false, payload: ComponentSchema::of::<P>() }
        }
    }

    /// Every event that clients receive.
    pub fn event_schemas() -> Vec<EventSchema> {
        let mut schemas = super::logged_schemas();
        schemas.extend([
            EventSchema::of_connection::<ConnectionStatus<'_>>("connection_status"),
            EventSchema::of_connection::<PongReply>("pong"),
            EventSchema::of_connection::<GoingAway>("going_away"),
            EventSchema::of_connection::<ChannelSubscription>("subscribed"),
            EventSchema::of_connection::<ChannelSubscription>("unsubscribed"),
            EventSchema::of_connection::<SocketError>("error"),
        ]);
        schemas
    }
}

#[cfg(all(test, feature = "openapi"))]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_event_for_clients_has_a_payload() {
        let sent = EventKind::iter().filter(|kind| !kind.is_control()).map(EventKind::wire_name);
        let described = logged_schemas().into_iter().map(|schema| schema.event);
        assert_eq!(described.collect::<BTreeSet<_>>(), sent.collect::<BTreeSet<_>>());
    }
}
