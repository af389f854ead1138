//! Listings.

mod by_id;
mod identity;
mod known;
pub(crate) mod price_history;
mod query;
mod read;
mod repost_key;
pub(crate) mod reposts;
mod search;
mod sort;
mod takeover;
pub(crate) mod words;
pub(crate) mod write;

pub(crate) use self::by_id::{by_ids_in_order, first_of, known_by_ids, shown_by_ids, with_reposts};
pub(crate) use self::identity::{Origin, Slot, Slots};
pub(crate) use self::known::{Change, Known, Posted, price_fall};
pub use self::query::ListingQuery;
pub use self::read::PricePoint;
pub use self::sort::ListingSort;
pub(crate) use self::takeover::TakenOver;
