//! What Super-Bot says over the wire: one type for each thing, whether it is a REST answer, the payload of an event, the data of
//! a notification or part of the OpenAPI document.
//!
//! The types borrow what they describe, so that writing an event copies no text. Fields stand in the order in which they are
//! written.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod broadcast;
mod connection;
mod event;
mod listing;
#[cfg(feature = "openapi")]
mod named_schema;
mod notification;
mod notification_data;
mod page;
mod scalar;

pub use broadcast::{ScraperStatus, SystemMessage};
pub use connection::{ChannelSubscription, ConnectionState, ConnectionStatus, GoingAway, PongReply, SocketError};
pub use event::EventPayload;
#[cfg(feature = "openapi")]
pub use event::{EventSchema, event_schemas};
pub use listing::{FavoriteView, Listing, ListingUpdate, ListingView, PriceView};
#[cfg(feature = "openapi")]
pub use named_schema::NamedSchema;
pub use notification::{NotificationView, NotificationsRead, UnreadCount, UserNotification};
#[cfg(feature = "openapi")]
pub use notification_data::data_schemas;
pub use notification_data::{NotificationData, PriceAlertData, SavedSearchData, SourceNoticeData};
pub use page::Page;
pub use scalar::{PriceUnits, Rfc3339};
