//! `[listings]`: interpretation and matching of listings.

use superbot_domain::{Currency, RecurringPrice};

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};

/// Interpretation and matching of listings.
#[derive(Debug, Clone)]
pub struct ListingsConfig {
    /// Currency of prices that do not state one.
    pub currency: Currency,
    /// Whether listings are matched in the transaction that stores them, or later by the workers.
    pub match_on_arrival: bool,
    /// What becomes of recurring prices.
    pub recurring_price: RecurringPrice,
}

impl ListingsConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        Ok(Self {
            currency: section.text("currency")?,
            match_on_arrival: section.switch("match_on_arrival")?,
            recurring_price: section.text("recurring_price")?,
        })
    }
}

impl ParseSetting for RecurringPrice {
    const EXPECTED: &'static str = "\"amount\" or \"null\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "amount" => Some(Self::Amount),
            "null" => Some(Self::Null),
            _ => None,
        }
    }
}

impl ParseSetting for Currency {
    const EXPECTED: &'static str = "an ISO 4217 code, such as \"USD\"";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}
