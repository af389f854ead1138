//! `[workers]`: the background workers.

use std::time::Duration;

use superbot_domain::QueryKind;

use super::problem::ConfigProblem;
use super::section::ConfigSection;

/// Background workers.
#[derive(Debug, Clone)]
pub struct WorkersConfig {
    /// Whether they run within `serve`.
    pub enabled: bool,
    price_alerts_every: Duration,
    saved_searches_every: Duration,
}

impl WorkersConfig {
    /// Returns the interval at which a kind of query is checked for notifications that are due.
    pub fn every(&self, kind: QueryKind) -> Duration {
        match kind {
            QueryKind::PriceAlert => self.price_alerts_every,
            QueryKind::SavedSearch => self.saved_searches_every,
        }
    }

    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        let minutes = |key| section.duration(key, Duration::from_mins(1), &(1..=1440));
        Ok(Self {
            enabled: section.switch("enabled")?,
            price_alerts_every: minutes("price_alerts_interval_minutes")?,
            saved_searches_every: minutes("saved_searches_interval_minutes")?,
        })
    }
}
