#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod acknowledgement;
mod alerts;
mod broadcast;
#[cfg(feature = "openapi")]
mod component_schema;
mod connection;
mod event;
mod listing;
mod notification;
mod notification_data;
mod page;
mod scalar;
mod sources;

#[cfg(feature = "openapi")]
pub use acknowledgement::{AcknowledgementSchema, acknowledgement_schemas};
pub use acknowledgement::{EventAcknowledgement, client_event};
pub use alerts::{PriceAlert, SavedSearch};
pub use broadcast::{ScraperStatus, SystemMessage};
#[cfg(feature = "openapi")]
pub use component_schema::ComponentSchema;
pub use connection::{ChannelSubscription, ConnectionState, ConnectionStatus, GoingAway, PongReply, SocketError};
pub use event::{ConnectionEvent, EventPayload};
#[cfg(feature = "openapi")]
pub use event::{EventSchema, event_schemas};
pub use listing::{FavoriteView, Listing, ListingUpdate, ListingView, PageListing, PriceView};
pub use notification::{NotificationView, NotificationsRead, UnreadCount, UserNotification};
#[cfg(feature = "openapi")]
pub use notification_data::data_schemas;
pub use notification_data::{NotificationData, PriceAlertData, SavedSearchData, SourceNoticeData};
pub use page::ListPage;
pub use scalar::{PriceUnits, Rfc3339};
pub use sources::{RunView, SourceKindView, SourceSettingView, SourceView};
