//! `[workers]`: the background workers.

use std::time::Duration;

use superbot_domain::QueryKind;

use super::problem::Problem;
use super::section::Section;

/// Background workers.
#[derive(Debug, Clone)]
pub struct Workers {
    /// Whether they run within `serve`.
    pub enabled: bool,
    price_alerts_every: Duration,
    saved_searches_every: Duration,
}

impl Workers {
    /// Returns the interval at which a kind of query is checked for notifications that are due.
    pub fn every(&self, kind: QueryKind) -> Duration {
        match kind {
            QueryKind::PriceAlert => self.price_alerts_every,
            QueryKind::SavedSearch => self.saved_searches_every,
        }
    }

    pub(super) fn read(section: &Section) -> Result<Self, Problem> {
        let minutes = |key| section.duration(key, Duration::from_mins(1), &(1..=1440));
        Ok(Self {
            enabled: section.switch("enabled")?,
            price_alerts_every: minutes("price_alerts_interval_minutes")?,
            saved_searches_every: minutes("saved_searches_interval_minutes")?,
        })
    }
}
