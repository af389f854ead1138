//! What previews of price alerts and saved searches answer.

use serde::Serialize;
use serde_json::Value;
use superbot_store::{NearMiss, Preview};

use super::listings::{self, ListingView};

/// What would have been found among the listings that were first seen in the last 30 days, as they are now.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PreviewView {
    /// How many; left out where not all are counted: beyond 10,000, and where very many listings came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// At least this many, where they are not all counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    count_at_least: Option<u64>,
    /// How many a week, at the rate at which they came in.
    per_week: f64,
    /// The newest ten of them, the newest first.
    #[schema(value_type = Vec<ListingView>)]
    sample: Vec<Value>,
    /// Up to five that only one clause kept out, from the newest 50,000 listings.
    near_misses: Vec<NearMissView>,
}

/// A listing that only just does not match.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NearMissView {
    #[schema(value_type = ListingView)]
    listing: Value,
    /// The clause that kept it out.
    because: String,
}

impl From<Preview> for PreviewView {
    fn from(preview: Preview) -> Self {
        let (count, count_at_least) = listings::counted(preview.count);
        let near_miss = |NearMiss { listing, because }| NearMissView { listing: listings::view(&listing), because };
        Self {
            count,
            count_at_least,
            per_week: preview.per_week,
            sample: preview.sample.iter().map(listings::view).collect(),
            near_misses: preview.near_misses.into_iter().map(near_miss).collect(),
        }
    }
}
