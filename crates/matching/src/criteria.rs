//! What a standing query asks, and what is held against it.

use superbot_domain::{Currency, Price, PricePeriod, SourceName};

use crate::query::Query;

/// What a standing query asks; a listing matches when it meets all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criteria {
    /// Its words; without any, the rest decides.
    pub query: Option<Query>,
    /// Its limits.
    pub price: PriceRange,
    /// Only listings of these sources; of all, when empty.
    pub sources: Vec<SourceName>,
    /// Every word of it must be a word of the listing's place.
    pub location: Option<String>,
}

/// Limits on a price, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRange {
    /// What the limits are in; no other currency is ever compared with them.
    pub currency: Currency,
    /// At least so many minor units.
    pub min: Option<i64>,
    /// At most so many minor units.
    pub max: Option<i64>,
    /// The period of prices that are within the limits; `None` for prices of sales. No other kind is ever compared with them.
    pub per: Option<PricePeriod>,
    /// Whether what is given away is within limits that have no lower end.
    pub include_free: bool,
}

/// What of a listing decides whether it matches.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// What the ad is about.
    pub title: &'a str,
    /// The ad's text; empty while it is not known.
    pub description: &'a str,
    /// What the ad asks.
    pub price: Price,
    /// Whose listing it is.
    pub source: &'a SourceName,
    /// The place, in the ad's words; empty while it is not known.
    pub location: &'a str,
}

impl PriceRange {
    /// Whether there is any limit at all.
    pub const fn is_bounded(&self) -> bool {
        self.min.is_some() || self.max.is_some()
    }

    /// Whether it admits every price, and none too.
    pub const fn admits_all(&self) -> bool {
        !self.is_bounded() && self.per.is_none()
    }

    /// Whether a price is within the limits; without limits every price for the period is, and without a period none too.
    ///
    /// What is no amount meets no limit, and neither does one that only fills the field, such as $1 or $12345.
    pub fn admits(&self, price: &Price) -> bool {
        if self.admits_all() {
            return true;
        }
        match price {
            Price::Amount(money) | Price::Recurring(money, _) => {
                price.per() == self.per
                    && (!self.is_bounded() || (money.currency == self.currency && !price.is_placeholder()))
                    && self.min.is_none_or(|min| min <= money.minor)
                    && self.max.is_none_or(|max| money.minor <= max)
            }
            Price::Free => self.include_free && self.min.unwrap_or(0) <= 0,
            Price::Unstated => false,
        }
    }
}
