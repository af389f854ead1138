//! Listings.

mod ingest;
mod known;
mod query;

pub use self::ingest::{Ingested, Outcome};
pub(crate) use self::query::by_ids;
pub use self::query::{ListingQuery, PricePoint};
