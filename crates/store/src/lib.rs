//! Super-Bot's store and its durable event log.
//!
//! The only crate that knows a database. All writes go through one writer, which commits whatever queued while the last
//! commit was under way as one transaction; an answer means that the work is on disk. What others must hear of is
//! appended to the event log in the transaction that makes it true, so that the log tells every fact, once, in one order.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod address;
mod complaints;
mod condition;
mod copy;
mod engine;
mod error;
mod events;
mod existing;
mod favorites;
mod idempotency;
mod import;
mod ingest;
mod invites;
mod listings;
mod meta;
mod meters;
mod migrations;
mod newest;
mod nodes;
mod notifications;
mod numbers;
mod opening;
mod options;
mod page;
mod password_resets;
mod postgres;
mod preferences;
mod prune;
mod query_index;
mod removal;
mod rows;
mod search_reader;
mod secrets;
mod sessions;
mod sources;
mod sql;
mod sqlite;
mod standing;
mod status;
mod step;
mod store;
mod tokens;
mod tx;
mod users;
mod writer;

pub use copy::{Copied, CopiedTable, CopyError, Progress, Watch, backup, copy, restore};
pub use error::{MigrationError, Result, StoreError};
pub use idempotency::IdempotencyKey;
pub use import::{ImportNote, ImportOptions, ImportOutcome, ImportProgress, ImportReport, ImportedTable, OtherTable};
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
pub use standing::{IgnoreOutcome, Match, NearMiss, Preview, QueryKind, Reconciled};
pub use store::{Store, StoreCounts};
pub use tokens::{Token, TokenAuth};
pub use users::CredentialsKept;
