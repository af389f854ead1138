//! Listings.

mod by_id;
mod identity;
mod import;
mod known;
mod merge;
mod merged;
pub(crate) mod price_history;
mod query;
mod read;
pub(crate) mod rekey;
mod repost_key;
pub(crate) mod reposts;
mod search;
mod sort;
mod stored_rows;
pub(crate) mod words;
pub(crate) mod write;

pub(crate) use self::by_id::{by_ids_in_order, first_of, known_by_ids, shown_by_ids, with_reposts};
pub(crate) use self::identity::{ListingUpsert, ListingUpserts, UpsertOrigin, former_keys};
pub(crate) use self::import::ImportedRow;
pub(crate) use self::known::{ListingChange, Posted, StoredListing, price_fall};
pub(crate) use self::merged::current_id;
pub use self::query::ListingQuery;
pub use self::read::PricePoint;
pub use self::sort::ListingSort;
