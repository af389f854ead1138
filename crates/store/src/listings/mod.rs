//! Listings.

mod identity;
mod ingest;
mod known;
mod query;
mod reposts;
mod search;
mod sort;
mod takeover;
pub(crate) mod words;

pub use self::ingest::{Ingested, Outcome};
pub(crate) use self::known::Known;
pub use self::query::{ListingQuery, PricePoint};
pub(crate) use self::query::{by_ids_in_order, first_of, known_by_ids, shown_by_ids, with_reposts};
pub use self::sort::ListingSort;
pub(crate) use self::takeover::TakenOver;
