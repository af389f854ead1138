#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod accounts;
mod acknowledgement;
mod alerts;
mod broadcast;
#[cfg(feature = "openapi")]
mod component_schema;
mod connection;
mod credentials;
mod event;
mod field_error;
mod field_warning;
mod listing;
mod matches;
mod notification;
mod notification_data;
mod operations;
mod page;
mod publishing;
mod scalar;
mod sources;

pub use accounts::{CallerView, CreatedPasswordReset, SignInOptions, UserView};
#[cfg(feature = "openapi")]
pub use acknowledgement::{AcknowledgementSchema, acknowledgement_schemas};
pub use acknowledgement::{EventAcknowledgement, client_event};
pub use alerts::{PriceAlert, SavedSearch};
pub use broadcast::{ScraperStatus, SystemMessage};
#[cfg(feature = "openapi")]
pub use component_schema::ComponentSchema;
pub use connection::{ChannelSubscription, ConnectionState, ConnectionStatus, GoingAway, PongReply, SocketError};
pub use credentials::{CreatedInvite, CreatedToken, InviteView, SessionView, TokenView};
pub use event::{ConnectionEvent, EventPayload};
#[cfg(feature = "openapi")]
pub use event::{EventSchema, event_schemas};
pub use field_error::FieldErrorView;
pub use field_warning::FieldWarning;
pub use listing::{FavoriteView, Listing, ListingSearchPage, ListingUpdate, ListingView, PageListing, PriceView};
pub use matches::{FieldVerdict, MatchView, NearMissView, PreviewView};
pub use notification::{NotificationView, NotificationsRead, UnreadCount, UserNotification};
#[cfg(feature = "openapi")]
pub use notification_data::data_schemas;
pub use notification_data::{NotificationData, PriceAlertData, SavedSearchData, SourceNoticeData};
pub use operations::{ConnectedUser, ConnectedUsers, StatsView, WorkerView};
pub use page::ListPage;
pub use publishing::{BatchResult, ItemError, ItemResult, ItemStatus, PublishResult, SentMessage, SentNotification};
pub use scalar::{PriceUnits, Rfc3339};
pub use sources::{PageView, RunView, SourceKindView, SourceSettingView, SourceView};
