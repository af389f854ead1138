//! Super-Bot's store and its durable event log.
//!
//! The only crate that knows what the database holds. All writes go through one writer, which commits whatever queued while
//! the last commit was under way as one transaction; an answer means that the work is on disk. What others must hear of is
//! appended to the event log in the transaction that makes it true, so that the log tells every fact, once, in one order.
//!
//! # Handles
//!
//! [`Store`] itself opens, closes, checks, counts and prunes the whole database. Everything else is a method of the handle
//! of its aggregate, which [`Store`] gives:
//!
//! | handle | aggregate |
//! |---|---|
//! | [`Store::users`] | accounts with their passwords and preferences |
//! | [`Store::password_resets`] | links with which users choose a new password |
//! | [`Store::invites`] | invitations to make an account |
//! | [`Store::sessions`] | sessions of signed-in users |
//! | [`Store::tokens`] | API tokens |
//! | [`Store::listings`] | listings, how they come in, and their price histories |
//! | [`Store::favorites`] | favourite listings of users |
//! | [`Store::queries`] | price alerts and saved searches, by their type |
//! | [`Store::matches`] | what those have found: the index, reconciliation, pending notifications |
//! | [`Store::notifications`] | notifications of users |
//! | [`Store::events`] | the event log |
//! | [`Store::sources`] | sources, their leases and their turns at sites |
//! | [`Store::scraper_status`] | which scrapers run |
//! | [`Store::nodes`] | servers on this store and the clients connected to each |
//! | [`Store::meters`] | rate limits shared by all servers |
//! | [`Store::secrets`] | the installation's own secrets |
//! | [`Store::imports`] | what another program had stored, on its way in |
//!
//! Methods use the same verbs throughout: `get` by id, `find_by_...`, `list` (all), `page` (with a cursor), `count`,
//! `create`, `update`, `put` (create or replace) and `delete`. What belongs to a user takes the user's id.
//!
//! # Adding an aggregate
//!
//! 1. A migration for each database, and its line in `migrations.rs`.
//! 2. A line in `store_handles!` (`handles.rs`), which declares the handle and its accessor, and one in the table above.
//! 3. A module with the row (`derive(Record)`) and an `impl` block of the handle. Reads go through `self.store.reader()`,
//!    writes through `self.store.write(..)`. What other features do in their own transactions is a method of `Tx`.
//! 4. Its tables, with their keys, in the list of `crates/transfer/src/copy/tables.rs`, and contract tests for both databases.

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
pub use invites::Invite;
pub use listings::{ListingQuery, ListingSort, PricePoint};
pub use meters::Charge;
pub use notifications::{NotifyOutcome, ReadOutcome};
pub use numbers::LogBounds;
pub use options::StoreOptions;
pub use page::{BoundedCount, Page};
pub use password_resets::ResetOutcome;
pub use prune::{Pruned, Retention};
pub use sessions::{NewSession, Session, SessionAuth};
pub use sources::{Source, SourceChange, Turn, Wanted};
pub use standing::{IgnoreOutcome, ImportedQueries, ImportedQuery, Match, NearMiss, Preview, QueryImport, Reconciled};
pub use store::{Store, StoreCounts};
pub use superbot_db::{DbError, MigrationError};
pub use tokens::{Token, TokenAuth};
pub use users::CredentialsKept;

#[cfg(test)]
mod writing_tests;
