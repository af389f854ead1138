//! Which listings to read.

use superbot_domain::{PricePeriod, SourceName, Timestamp};

use super::sort::ListingSort;

/// Which listings to read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListingQuery {
    /// Keywords, as alerts have them.
    pub q: Option<String>,
    /// Only of these sources; of all, when empty.
    pub sources: Vec<SourceName>,
    /// The lowest price, in units of the listing's own currency; listings without a price are left out.
    pub min_price: Option<f64>,
    /// The highest price, in units of the listing's own currency; listings without a price are left out.
    pub max_price: Option<f64>,
    /// Only with a price for that period, which the price limits and the orders by price then mean; otherwise they mean the
    /// prices of sales.
    pub price_per: Option<PricePeriod>,
    /// First seen at that time or later.
    pub since: Option<Timestamp>,
    /// The order of the list.
    pub sort: ListingSort,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// How many, from 1 to 500.
    pub limit: u32,
}
