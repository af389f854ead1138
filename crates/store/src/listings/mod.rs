//! Listings.

mod ingest;
mod known;
mod query;

pub use self::ingest::{Ingested, Outcome};
pub use self::query::{ListingQuery, PricePoint};
