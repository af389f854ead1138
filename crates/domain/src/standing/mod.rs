//! Standing queries: price alerts and saved searches.

mod alert_rule;
mod fields;
mod price_alert;
mod query;
mod results;
mod saved_search;

pub use self::alert_rule::{AlertPolicy, PriceRecord, QueryHit, evaluate_alert};
pub use self::price_alert::{AlertType, NewPriceAlert};
pub use self::query::{QueryChange, QueryKind, QueryParts, StandingQuery, StoredQuery};
pub use self::results::{BoundedCount, ListingMatch, NearMiss, QueryPreview};
pub use self::saved_search::{Cadence, NewSavedSearch};
