//! What standing queries find: matches of one listing, and previews of one query.

use super::query::QueryKind;
use crate::listing::Listing;
use crate::price::Price;
use crate::time::Timestamp;

/// A standing query that matched a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct ListingMatch {
    /// The kind of the query.
    pub kind: QueryKind,
    /// The query's number; all kinds are numbered together.
    pub id: i64,
    /// What its user calls it; price alerts have no name.
    pub name: Option<String>,
    /// The words that it looks for.
    pub keywords: String,
    /// The listing's price at the last match; `None` where that is no longer known.
    pub price: Option<Price>,
    /// When its user was notified; `None` while that is pending, and where the query does not notify.
    pub told_at: Option<Timestamp>,
    /// Whether its user excluded the listing from notifications of this query.
    pub ignored: bool,
    /// Whether the listing, as it is now, still matches.
    pub still_matches: bool,
    /// The clause that decides about the listing as it is now, in a short sentence.
    pub because: String,
}

/// What a query would have matched in the last 30 days, among the listings as they are now. Of more than 500,000 listings, or
/// 20,000 on Postgres, only the newest are searched, and the count is a lower bound.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryPreview {
    /// The number of matches.
    pub count: BoundedCount,
    /// Matches per week, at the rate at which listings arrived from `since` on.
    pub per_week: f64,
    /// When the time begins that the rate is taken from, at least a day ago: less says nothing about a week.
    pub since: Timestamp,
    /// The newest matches, the newest first.
    pub sample: Vec<Listing>,
    /// Listings that all clauses but one accept, from the newest 50,000.
    pub near_misses: Vec<NearMiss>,
}

/// A listing that all clauses of a query but one accept.
#[derive(Clone, Debug, PartialEq)]
pub struct NearMiss {
    /// The listing.
    pub listing: Listing,
    /// The clause that rejected it, in a short sentence.
    pub because: String,
}

/// A number of listings, counted exactly up to [`BoundedCount::MAX_EXACT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoundedCount {
    /// The number.
    Exactly(u64),
    /// A lower bound.
    AtLeast(u64),
}

impl BoundedCount {
    /// The limit up to which listings are counted exactly.
    pub const MAX_EXACT: i64 = 10_000;

    /// From a count that stopped at the latest after one listing more than [`Self::MAX_EXACT`].
    pub const fn of(counted: i64) -> Self {
        if counted > Self::MAX_EXACT {
            Self::AtLeast(Self::MAX_EXACT.unsigned_abs())
        } else {
            Self::Exactly(counted.unsigned_abs())
        }
    }

    /// The number, where it is exact.
    pub const fn exact(self) -> Option<u64> {
        match self {
            Self::Exactly(count) => Some(count),
            Self::AtLeast(_) => None,
        }
    }

    /// The lower bound, where the number is not exact.
    pub const fn lower_bound(self) -> Option<u64> {
        match self {
            Self::Exactly(_) => None,
            Self::AtLeast(count) => Some(count),
        }
    }
}
