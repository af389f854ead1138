//! `[listings]`: how listings are read.

use superbot_domain::Currency;

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};

/// How listings are read.
#[derive(Debug, Clone)]
pub struct ListingsConfig {
    /// The currency of a price that names none.
    pub currency: Currency,
    /// Whether listings are matched when they come in, or by the workers later.
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
