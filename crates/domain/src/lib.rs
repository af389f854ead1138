#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod credential;
mod event;
mod favorite;
mod field;
mod found_listing;
mod ids;
mod json;
mod link;
mod listing;
mod message;
mod meter;
mod money;
mod notification;
mod price;
mod price_period;
mod reader_version;
mod resource;
mod source;
mod source_health;
mod standing;
mod status;
mod text;
mod text_field;
mod time;
mod user;

pub use credential::{AccountInvite, ApiToken, UserSession};
pub use event::{Audience, EventKind, LogEvent, Seq};
pub use favorite::{Favorite, NoteText, NotesChange};
pub use field::{FieldError, FieldErrors, InvalidField, InvalidFields, clipped, quoted, shown};
pub use found_listing::FoundListing;
pub use ids::{InviteId, ListingId, NotificationId, PriceAlertId, SavedSearchId, SessionId, TokenId, UserId};
pub use json::{JsonExcerpt, JsonObject};
pub use link::{AddressKey, LINK_RULES_VERSION, ListingLink};
pub use listing::{ItemCondition, Listing, ListingDetails, NewListing, PostedListing, read_price};
pub use message::{MessageLevel, NewSystemMessage};
pub use meter::{UsageMeter, UsageQuota};
pub use money::{Currency, Money};
pub use notification::{Notification, NotificationDraft};
pub use price::{
    ParsedPrice, Price, PriceCandidate, PriceExplanation, PriceText, RecurringPrice, explain_price, parse_price,
    parse_title_price,
};
pub use price_period::PricePeriod;
pub use reader_version::{FIRST_READER_VERSION, READER_VERSION, ReaderScope};
pub use resource::{
    FieldPresence, FieldReader, FieldSchema, FieldSpec, RequestKind, RequestResource, ResourceField, ResourceFields,
    UnknownFields,
};
pub use source::SourceName;
pub use source_health::{RunCount, SourceHealth, SourceRun, SourceState};
pub use standing::{
    AlertPolicy, AlertType, BoundedCount, Cadence, ListingMatch, NearMiss, NewPriceAlert, NewSavedSearch, PriceRecord,
    QueryChange, QueryHit, QueryKind, QueryParts, QueryPreview, StandingQuery, StoredQuery, evaluate_alert,
};
pub use status::{ScraperReport, ScraperStates};
pub use time::{CLOCK_SKEW, Clock, SystemClock, Timestamp, parse_timestamp, rfc3339, whole_microseconds};
pub use user::{TokenScope, User, UserRole, Username, is_invisible};
