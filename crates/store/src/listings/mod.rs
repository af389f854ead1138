//! Listings.

mod ingest;
mod known;
mod query;
pub(crate) mod words;

pub use self::ingest::{Ingested, Outcome};
pub(crate) use self::known::Known;
pub use self::query::{ListingQuery, PricePoint};
pub(crate) use self::query::{by_ids_in_order, exists, known_by_ids, shown_by_ids};
