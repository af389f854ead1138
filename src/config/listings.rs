//! `[listings]`: interpretation and matching of listings.

use superbot_domain::Currency;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};

/// Interpretation and matching of listings.
#[derive(Debug, Clone)]
pub struct ListingsConfig {
    /// Currency of prices that do not state one.
    pub currency: Currency,
    /// Whether listings are matched in the transaction that stores them, or later by the workers.
    pub match_on_arrival: bool,
}

impl ListingsConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        Ok(Self { currency: section.text("currency")?, match_on_arrival: section.switch("match_on_arrival")? })
    }
}

impl ParseSetting for Currency {
    const EXPECTED: &'static str = "an ISO 4217 code, such as \"USD\"";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}
