//! `[listings]`: interpretation and matching of listings.

use superbot_domain::Currency;

use super::problem::Problem;
use super::section::{Parse, Section};

/// Interpretation and matching of listings.
#[derive(Debug, Clone)]
pub struct Listings {
    /// Currency of prices that do not state one.
    pub currency: Currency,
    /// Whether listings are matched in the transaction that stores them, or later by the workers.
    pub match_on_arrival: bool,
}

impl Listings {
    pub(super) fn read(section: &Section) -> Result<Self, Problem> {
        Ok(Self { currency: section.text("currency")?, match_on_arrival: section.switch("match_on_arrival")? })
    }
}

impl Parse for Currency {
    const EXPECTED: &'static str = "an ISO 4217 code, such as \"USD\"";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}
