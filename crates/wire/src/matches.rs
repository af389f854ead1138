//! Matches of a listing, previews, and validation of a query's fields.

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
    /// Id of the alert or search.
    pub id: i64,
    /// Name of the search; null for price alerts.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub name: Option<String>,
    /// Keywords of the alert or search.
    pub keywords: String,
    /// Price of the listing at the last match, in units of the listing's currency; 0 if free, null if not stated.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>, required))]
    pub price: PriceUnits,
    /// Period of the price; null for the price of a sale.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PricePeriod>, required))]
    pub price_per: Option<domain::PricePeriod>,
    /// Time of the notification; null while it is pending, and if the alert or search does not notify. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime, required))]
    pub told_at: Option<Rfc3339>,
    /// Whether the caller has excluded the listing from its notifications.
    pub ignored: bool,
    /// Whether the listing still matches in its current state.
    pub still_matches: bool,
    /// The clause that decides about the listing in its current state.
    pub because: String,
}

/// What would have matched among listings first seen in the last 30 days, in their current state.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewView<'a> {
    /// Number of matches; absent if not all are counted: beyond 10,000, or with very many listings.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub count: Option<u64>,
    /// Lower bound of the number, if not all are counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = u64, required = false))]
    pub count_at_least: Option<u64>,
    /// Matches per week, extrapolated from the time since `since`.
    pub per_week: f64,
    /// Start of the time span from which `per_week` is computed, at least a day ago. RFC 3339 in UTC.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub since: Rfc3339,
    /// The ten newest matches, newest first.
    pub sample: Vec<ListingView<'a>>,
    /// Up to five listings among the newest 50,000 that only one clause rejects.
    pub near_misses: Vec<NearMissView<'a>>,
    /// What may mean something else than was meant, such as `or` in small letters among the keywords.
    pub warnings: Vec<FieldErrorView>,
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

// Validation is requested while the user types, when input is often incomplete. It therefore succeeds even if fields
// are invalid: browsers log failed requests as errors in the console.
/// Result of validating fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldVerdict {
    /// Invalid fields, as in a response with status 422; empty if all are valid.
    pub errors: Vec<FieldErrorView>,
    /// What may mean something else than was meant, such as `or` in small letters among the keywords.
    pub warnings: Vec<FieldErrorView>,
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
            warnings: preview.warnings.iter().cloned().map(FieldErrorView::from).collect(),
        }
    }
}

impl<'a> From<&'a NearMiss> for NearMissView<'a> {
    fn from(near_miss: &'a NearMiss) -> Self {
        Self { listing: (&near_miss.listing).into(), because: &near_miss.because }
    }
}
