//! `[listings]`: how listings are read.

use superbot_domain::Currency;

use super::problem::Problem;
use super::section::{Parse, Section};

/// How listings are read.
#[derive(Debug, Clone)]
pub struct Listings {
    /// The currency of a price that names none.
    pub currency: Currency,
    /// Whether listings are matched when they come in, or by the workers later.
    pub match_on_arrival: bool,
    /// What becomes of recurring prices.
    pub recurring_price: RecurringPrice,
}

/// What becomes of recurring prices, such as rents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecurringPrice {
    /// They are prices with their period.
    Amount,
    /// They count as not stated.
    Null,
}

impl Listings {
    pub(super) fn read(section: &Section) -> Result<Self, Problem> {
        Ok(Self {
            currency: section.text("currency")?,
            match_on_arrival: section.switch("match_on_arrival")?,
            recurring_price: section.text("recurring_price")?,
        })
    }
}

impl Parse for RecurringPrice {
    const EXPECTED: &'static str = "\"amount\" or \"null\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "amount" => Some(Self::Amount),
            "null" => Some(Self::Null),
            _ => None,
        }
    }
}

impl Parse for Currency {
    const EXPECTED: &'static str = "an ISO 4217 code, such as \"USD\"";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}
