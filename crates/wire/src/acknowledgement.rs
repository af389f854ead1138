//! Events that clients may send over Socket.IO, and their acknowledgements.

use serde::Serialize;

use crate::connection::SocketError;

/// Names of the events that clients may send.
pub mod client_event {
    /// Requests a `pong`.
    pub const PING: &str = "ping";
    /// Subscribes to the scrapers' status.
    pub const SUBSCRIBE_SCRAPER_STATUS: &str = "subscribe_scraper_status";
    /// Unsubscribes from the scrapers' status.
    pub const UNSUBSCRIBE_SCRAPER_STATUS: &str = "unsubscribe_scraper_status";
    /// Marks notifications as read.
    pub const NOTIFICATION_READ: &str = "notification_read";
}

/// The acknowledgement of a client's event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum EventAcknowledgement {
    /// The event was accepted; there is no further information.
    Accepted(AcceptedEvent),
    /// A subscription was created or removed.
    Subscription(AcceptedSubscription),
    /// Notifications were marked as read.
    Reading(AcceptedReading),
    /// The event was rejected.
    Refused(RefusedEvent),
}

/// Acknowledgement of an accepted event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedEvent {
    /// Always true.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::always_true))]
    ok: bool,
}

/// Acknowledgement of subscribing or unsubscribing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedSubscription {
    /// The subscription: `scraper_status`.
    channel: &'static str,
    /// Always true.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::always_true))]
    ok: bool,
}

/// Acknowledgement of `notification_read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedReading {
    /// Always true.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::always_true))]
    ok: bool,
    /// Number of notifications that remain unread.
    unread: u64,
}

/// Acknowledgement of a rejected event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedEvent {
    /// Always false.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::always_false))]
    ok: bool,
    /// The reason, which is also sent as the event `error`.
    #[serde(flatten)]
    error: SocketError,
}

impl EventAcknowledgement {
    /// Acknowledges an accepted event.
    pub const fn accepted() -> Self {
        Self::Accepted(AcceptedEvent { ok: true })
    }

    /// Acknowledges subscribing to or unsubscribing from a channel.
    pub const fn subscription(channel: &'static str) -> Self {
        Self::Subscription(AcceptedSubscription { channel, ok: true })
    }

    /// Acknowledges that notifications were marked as read; `unread` is the number that remains.
    pub const fn reading(unread: u64) -> Self {
        Self::Reading(AcceptedReading { ok: true, unread })
    }

    /// Rejects an event.
    pub const fn refused(error: SocketError) -> Self {
        Self::Refused(RefusedEvent { ok: false, error })
    }
}

#[cfg(feature = "openapi")]
pub use schema::{AcknowledgementSchema, acknowledgement_schemas};

#[cfg(feature = "openapi")]
mod schema {
    use utoipa::openapi::schema::{ObjectBuilder, Type};

    use super::{AcceptedEvent, AcceptedReading, AcceptedSubscription, RefusedEvent, client_event};
    use crate::component_schema::ComponentSchema;

    /// Schemas of the acknowledgements of one event.
    pub struct AcknowledgementSchema {
        /// Name of the event.
        pub event: &'static str,
        /// Schema if the event was accepted, and if it was rejected.
        pub answers: [ComponentSchema; 2],
    }

    /// Schema of `ok` in the acknowledgement of an accepted event.
    pub(super) fn always_true() -> ObjectBuilder {
        always(true)
    }

    /// Schema of `ok` in the acknowledgement of a rejected event.
    pub(super) fn always_false() -> ObjectBuilder {
        always(false)
    }

    /// Returns a constant schema, so that an acknowledgement matches exactly one of its event's schemas.
    fn always(value: bool) -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .description(Some(format!("Always {value}.")))
            .enum_values(Some([value]))
    }

    /// Returns the acknowledgement schemas of all events that clients may send.
    pub fn acknowledgement_schemas() -> Vec<AcknowledgementSchema> {
        let acknowledged = |event, accepted| {
            let answers = [accepted, ComponentSchema::of::<RefusedEvent>()];
            AcknowledgementSchema { event, answers }
        };
        vec![
            acknowledged(client_event::PING, ComponentSchema::of::<AcceptedEvent>()),
            acknowledged(client_event::SUBSCRIBE_SCRAPER_STATUS, ComponentSchema::of::<AcceptedSubscription>()),
            acknowledged(client_event::UNSUBSCRIBE_SCRAPER_STATUS, ComponentSchema::of::<AcceptedSubscription>()),
            acknowledged(client_event::NOTIFICATION_READ, ComponentSchema::of::<AcceptedReading>()),
        ]
    }
}
