//! Standing queries: price alerts and saved searches.

mod fields;
mod firing;
mod price_alert;
mod query;
mod results;
mod saved_search;

pub use self::firing::{Hit, PricePoint, Standing, due};
pub use self::price_alert::{AlertType, NewPriceAlert};
pub use self::query::{QueryChange, QueryKind, QueryParts, StandingQuery, StoredQuery};
pub use self::results::{BoundedCount, ListingMatch, NearMiss, QueryPreview};
pub use self::saved_search::{Cadence, NewSavedSearch};
