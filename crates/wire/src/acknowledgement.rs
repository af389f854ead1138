//! What clients may send over Socket.IO, and how each event is acknowledged.

use serde::Serialize;

use crate::connection::SocketError;

/// The names of the events that a client may send.
pub mod client_event {
    /// Asks for `pong`.
    pub const PING: &str = "ping";
    /// Subscribes to the scrapers' status.
    pub const SUBSCRIBE_SCRAPER_STATUS: &str = "subscribe_scraper_status";
    /// Ends that subscription.
    pub const UNSUBSCRIBE_SCRAPER_STATUS: &str = "unsubscribe_scraper_status";
    /// Marks notifications as read.
    pub const NOTIFICATION_READ: &str = "notification_read";
}

/// The acknowledgement of a client's event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum EventAcknowledgement {
    /// It was accepted, and there is nothing more to say.
    Accepted(AcceptedEvent),
    /// A subscription began or ended.
    Subscription(AcceptedSubscription),
    /// Notifications were marked as read.
    Reading(AcceptedReading),
    /// It was refused.
    Refused(RefusedEvent),
}

/// The acknowledgement of an event that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedEvent {
    /// Always true.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::always_true))]
    ok: bool,
}

/// The acknowledgement of the beginning or the end of a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedSubscription {
    /// What was subscribed to: `scraper_status`.
    channel: &'static str,
    /// Always true.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::always_true))]
    ok: bool,
}

/// The acknowledgement of `notification_read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AcceptedReading {
    /// Always true.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::always_true))]
    ok: bool,
    /// The number of notifications that are still unread.
    unread: u64,
}

/// The acknowledgement of an event that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefusedEvent {
    /// Always false.
    #[cfg_attr(feature = "openapi", schema(schema_with = schema::always_false))]
    ok: bool,
    /// The reason, which the event `error` has too.
    #[serde(flatten)]
    error: SocketError,
}

impl EventAcknowledgement {
    /// The event was accepted.
    pub const fn accepted() -> Self {
        Self::Accepted(AcceptedEvent { ok: true })
    }

    /// The subscription to that channel began or ended.
    pub const fn subscription(channel: &'static str) -> Self {
        Self::Subscription(AcceptedSubscription { channel, ok: true })
    }

    /// Acknowledges that notifications were marked as read; `unread` is the number that remains.
    pub const fn reading(unread: u64) -> Self {
        Self::Reading(AcceptedReading { ok: true, unread })
    }

    /// The event was refused.
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

    /// How an event that clients send is acknowledged.
    pub struct AcknowledgementSchema {
        /// The event's name.
        pub event: &'static str,
        /// The acknowledgement when it was accepted, and when it was refused.
        pub answers: [ComponentSchema; 2],
    }

    /// The schema of `ok` in the acknowledgement of an event that was accepted.
    pub(super) fn always_true() -> ObjectBuilder {
        always(true)
    }

    /// The schema of `ok` in the acknowledgement of an event that was refused.
    pub(super) fn always_false() -> ObjectBuilder {
        always(false)
    }

    /// A constant, so that an acknowledgement matches one of the two schemas of its event and not both.
    fn always(value: bool) -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::Boolean)
            .description(Some(format!("Always {value}.")))
            .enum_values(Some([value]))
    }

    /// Every event that clients may send.
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
