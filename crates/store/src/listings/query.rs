//! Parameters of a listing query.

use superbot_domain::{PricePeriod, SourceName, Timestamp};

use super::sort::ListingSort;

/// Filters, order and position of a list of listings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListingQuery {
    /// Keyword query, in the syntax of alerts.
    pub q: Option<String>,
    /// Sources to include; all if empty.
    pub sources: Vec<SourceName>,
    /// Minimum price in units of the listing's currency; excludes listings without a price.
    pub min_price: Option<f64>,
    /// Maximum price in units of the listing's currency; excludes listings without a price.
    pub max_price: Option<f64>,
    /// Period of the prices to include, to which the price limits and sorting by price then refer; otherwise they refer
    /// to the prices of sales.
    pub price_per: Option<PricePeriod>,
    /// Earliest time first seen, inclusive.
    pub since: Option<Timestamp>,
    /// Sort order.
    pub sort: ListingSort,
    /// Cursor returned with the previous page.
    pub cursor: Option<String>,
    /// Page size, from 1 to 500.
    pub limit: u32,
}
