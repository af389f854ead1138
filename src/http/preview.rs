//! What previews of price alerts and saved searches answer.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use superbot_domain::UserId;
use superbot_store::{NearMiss, Preview, PreviewCount};

use super::listings::{self, ListingView};
use crate::problem::{Problem, Result};

/// What would have been found among the listings that were first seen in the last 30 days, as they are now.
#[derive(Serialize, utoipa::ToSchema)]
pub struct PreviewView {
    /// How many; left out where there are more than are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// There are so many, and more.
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
        let (count, count_at_least) = match preview.count {
            PreviewCount::Exactly(count) => (Some(count), None),
            PreviewCount::AtLeast(count) => (None, Some(count)),
        };
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

/// Whose previews are under way: one at a time for each user.
#[derive(Clone, Default)]
pub struct Previews(Arc<Mutex<HashSet<UserId>>>);

/// The user's preview is under way for as long as this is held.
pub struct UnderWay {
    previews: Previews,
    user: UserId,
}

impl Previews {
    /// Begins a preview.
    ///
    /// # Errors
    /// 429 while another one of the same user is under way.
    pub fn begin(&self, user: UserId) -> Result<UnderWay> {
        let is_first = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(user);
        let refused = || Problem::rate_limited("a preview of yours is still under way", Duration::from_secs(1));
        is_first.then(|| UnderWay { previews: self.clone(), user }).ok_or_else(refused)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.previews.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_has_one_preview_under_way_at_a_time() {
        let previews = Previews::default();
        let first = previews.begin(UserId::from(1)).ok().unwrap();
        assert_eq!(previews.begin(UserId::from(1)).err().unwrap().status, 429);
        assert!(previews.begin(UserId::from(2)).is_ok(), "another user's is another matter");
        drop(first);
        assert!(previews.begin(UserId::from(1)).is_ok());
    }
}
