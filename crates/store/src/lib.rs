#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

// What the writer keeps, and how a store is made. Nothing here knows a feature.
mod error;
mod meta;
mod migrations;
mod newest;
mod numbers;
mod options;
mod sql;

// The handle, the transaction and what else the features share.
mod address;
mod existing;
mod first_reader;
mod handles;
mod query_index;
mod rows;
mod search_reader;
mod store;
mod tx;

// The features.
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
pub use ingest::{Ingested, Outcome};
pub use listings::{ListingQuery, ListingSort, PricePoint};
pub use meters::Charge;
pub use notifications::{NotifyOutcome, ReadOutcome};
pub use numbers::LogBounds;
pub use options::StoreOptions;
pub use page::Page;
pub use password_resets::ResetOutcome;
pub use prune::{Pruned, Retention};
pub use reader_upgrade::ReindexState;
pub use sessions::{NewSession, SessionAuth};
pub use sources::{Source, SourceChange, Turn, Wanted};
pub use standing::{IgnoreOutcome, ImportedQueries, ImportedQuery, QueryImport, Reconciled};
pub use store::{Store, StoreCounts};
pub use superbot_db::{DbError, MigrationError};
pub use tokens::TokenAuth;
pub use users::CredentialsKept;

#[cfg(test)]
mod writing_tests;
