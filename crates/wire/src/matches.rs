//! What standing queries find: matches of a listing, previews, and the verdict on a query's fields.

use serde::Serialize;
use superbot_domain::{self as domain, ListingMatch, NearMiss, QueryPreview};

use crate::field_error::FieldErrorView;
use crate::listing::ListingView;
#[cfg(feature = "openapi")]
use crate::listing::PricePeriod;
use crate::scalar::{PriceUnits, Rfc3339};

/// A price alert or a saved search of the caller that matched a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchView {
    /// `price_alert` or `saved_search`.
    pub kind: &'static str,
    /// The number of the alert or search.
    pub id: i64,
    /// Null for price alerts, which have no name.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub name: Option<String>,
    /// The words that it looks for.
    pub keywords: String,
    /// The listing's price at the last match, in units of the listing's currency; 0 is free, null is not stated.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: PriceUnits,
    /// The period that the price is for; null for the price of a sale.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// When the caller was notified; null while that is pending, and where the alert or search does not notify. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub told_at: Option<Rfc3339>,
    /// Whether the caller excluded the listing from its notifications.
    pub ignored: bool,
    /// Whether the listing still matches as it is now.
    pub still_matches: bool,
    /// The clause that decides about the listing as it is now.
    pub because: String,
}

/// What would have matched among the listings that were first seen in the last 30 days, as they are now.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewView<'a> {
    /// The number of matches; left out where not all are counted: beyond 10,000, and where very many listings came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub count: Option<u64>,
    /// A lower bound of the number, where not all are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub count_at_least: Option<u64>,
    /// Matches per week, at the rate at which listings arrived from `since` on.
    pub per_week: f64,
    /// When the time begins that `per_week` is computed over, at least a day ago. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Rfc3339,
    /// The newest ten of them, the newest first.
    pub sample: Vec<ListingView<'a>>,
    /// Up to five listings that only one clause rejects, from the newest 50,000.
    pub near_misses: Vec<NearMissView<'a>>,
}

/// A listing that only one clause rejects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NearMissView<'a> {
    /// The listing.
    pub listing: ListingView<'a>,
    /// The clause that rejects it.
    pub because: &'a str,
}

// A page asks while its user types. An unfinished word is often wrong, which is no error of the page: browsers write each
// refusal into their console in red. So this is an answer.
/// What is wrong with the fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Verdict))]
pub struct FieldVerdict {
    /// The fields that are wrong, as in a refusal with 422; empty where all are right.
    pub errors: Vec<FieldErrorView>,
}

impl From<&ListingMatch> for MatchView {
    fn from(found: &ListingMatch) -> Self {
        Self {
            kind: found.kind.as_str(),
            id: found.id,
            name: found.name.clone(),
            keywords: found.keywords.clone(),
            price: found.price.map_or(PriceUnits::NONE, PriceUnits::from),
            price_per: found.price.and_then(|price| price.per()),
            told_at: found.told_at.map(Rfc3339::from),
            ignored: found.ignored,
            still_matches: found.still_matches,
            because: found.because.clone(),
        }
    }
}

impl<'a> From<&'a QueryPreview> for PreviewView<'a> {
    fn from(preview: &'a QueryPreview) -> Self {
        Self {
            count: preview.count.exact(),
            count_at_least: preview.count.lower_bound(),
            per_week: preview.per_week,
            since: preview.since.into(),
            sample: preview.sample.iter().map(ListingView::from).collect(),
            near_misses: preview.near_misses.iter().map(NearMissView::from).collect(),
        }
    }
}

impl<'a> From<&'a NearMiss> for NearMissView<'a> {
    fn from(near_miss: &'a NearMiss) -> Self {
        Self { listing: (&near_miss.listing).into(), because: &near_miss.because }
    }
}
