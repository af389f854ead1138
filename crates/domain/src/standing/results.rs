//! Results of standing queries: matches and previews.

use super::query::QueryKind;
use crate::field::FieldError;
use crate::listing::Listing;
use crate::price::Price;
use crate::time::Timestamp;

/// A standing query that matched a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingMatch {
    /// Kind of the query.
    pub kind: QueryKind,
    /// Id of the query, from the sequence shared by all kinds.
    pub id: i64,
    /// Name of the query; `None` for price alerts.
    pub name: Option<String>,
    /// Keywords of the query.
    pub keywords: String,
    /// Price at the last match; `None` if it is no longer known.
    pub price: Option<Price>,
    /// Time of the notification; `None` while it is pending, or if the query does not notify.
    pub told_at: Option<Timestamp>,
    /// Whether the user excluded the listing from notifications of this query.
    pub ignored: bool,
    /// Whether the listing still matches in its current state.
    pub still_matches: bool,
    /// Short sentence on the clause that decides about the listing in its current state.
    pub because: String,
}

/// What a query would have matched in the last 30 days, among the listings as they are now. Of more than 500,000 listings, or
/// 20,000 on Postgres, only the newest are searched, and the count is a lower bound; where a query asks how words end, only as
/// many as can be read in 200 ms.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryPreview {
    /// Number of matches.
    pub count: BoundedCount,
    /// Matches per week, extrapolated from the time since `since`.
    pub per_week: f64,
    /// Start of the time span of the rate, at least a day ago, as less says nothing about a week.
    pub since: Timestamp,
    /// The newest matches, newest first; at most 10.
    pub sample: Vec<Listing>,
    /// Listings among the newest 50,000 that only one clause rejects; at most 5.
    pub near_misses: Vec<NearMiss>,
    /// What of the query may mean something else than was meant.
    pub warnings: Vec<FieldError>,
}

/// A listing that only one clause of a query rejects.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss {
    /// The rejected listing.
    pub listing: Listing,
    /// Short sentence on the clause that rejects it.
    pub because: String,
}

/// A count of listings that is exact up to [`BoundedCount::MAX_EXACT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundedCount {
    /// The exact count.
    Exactly(u64),
    /// A lower bound.
    AtLeast(u64),
}

impl BoundedCount {
    /// Maximum exact count.
    pub const MAX_EXACT: i64 = 10_000;

    /// Converts a count that stopped at [`Self::MAX_EXACT`] + 1 at the latest.
    pub const fn of(counted: i64) -> Self {
        if counted > Self::MAX_EXACT {
            Self::AtLeast(Self::MAX_EXACT.unsigned_abs())
        } else {
            Self::Exactly(counted.unsigned_abs())
        }
    }

    /// Returns the count if it is exact.
    pub const fn exact(self) -> Option<u64> {
        match self {
            Self::Exactly(count) => Some(count),
            Self::AtLeast(_) => None,
        }
    }

    /// Returns the lower bound if the count is not exact.
    pub const fn lower_bound(self) -> Option<u64> {
        match self {
            Self::Exactly(_) => None,
            Self::AtLeast(count) => Some(count),
        }
    }
}
