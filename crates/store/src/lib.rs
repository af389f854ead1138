#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

// Foundations, independent of features.
mod error;
mod event_tail;
mod meta;
mod migrations;
mod options;
mod sequences;
mod sql;

// The store handle, the transaction, and code shared by features.
mod address;
mod arrival_matching;
mod existing;
mod first_link;
mod first_reader;
mod handles;
mod query_index;
mod rows;
mod search_reader;
mod store;
mod tx;

// Features, one module per aggregate.
mod events;
mod favorites;
mod idempotency;
mod invites;
mod listings;
mod meters;
mod nodes;
mod notifications;
mod page;
mod password_resets;
mod preferences;
mod prune;
mod removal;
mod secrets;
mod sessions;
mod sources;
mod standing;
mod status;
mod tokens;
mod users;

// Modules that combine features.
mod imports;
mod ingest;
pub mod maintenance;
mod opening;
mod reader_upgrade;

pub use error::{Result, StoreError};
pub use handles::{
    EventStore, FavoriteStore, ImportStore, InviteStore, ListingStore, MatchStore, MeterStore, NodeStore,
    NotificationStore, PasswordResetStore, QueryStore, ScraperStatusStore, SecretStore, SessionStore, SourceStore,
    TokenStore, UserStore,
};
pub use idempotency::IdempotencyKey;
pub use imports::{
    FavoriteImport, ImportedFavorite, ImportedListing, ImportedUser, ListingImport, PastPrice, PriceImport, UserImport,
};
pub use ingest::{IngestOutcome, IngestedListing};
pub use listings::{ListingQuery, ListingSort, PricePoint};
pub use meters::MeterCharge;
pub use notifications::{NotifyOutcome, ReadOutcome};
pub use options::StoreOptions;
pub use page::StorePage;
pub use password_resets::ResetOutcome;
pub use prune::{PrunedCounts, RetentionLimits};
pub use reader_upgrade::ReindexState;
pub use sequences::LogBounds;
pub use sessions::{NewSession, SessionAuth};
pub use sources::{SiteTurn, SourceChange, StoredSource, WantedSearch};
pub use standing::{IgnoreOutcome, ImportedQueries, ImportedQuery, QueryImport, ReconcileOutcome};
pub use store::{Store, StoreCounts};
pub use superbot_db::{DbError, MigrationError};
pub use tokens::TokenAuth;
pub use users::CredentialsKept;

#[cfg(test)]
mod writing_tests;
