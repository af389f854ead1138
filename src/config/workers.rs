//! `[workers]`: the background workers.

use std::time::Duration;

use super::Problem;
use super::section::Section;

/// The background workers.
#[derive(Debug, Clone)]
pub struct Workers {
    /// Whether they run inside `serve`.
    pub enabled: bool,
    /// How often price alerts tell what waited for their cooldown to end.
    pub price_alerts_every: Duration,
    /// How often saved searches are looked at for what is to be told.
    pub saved_searches_every: Duration,
}

impl Workers {
    pub(super) fn read(section: &Section) -> Result<Self, Problem> {
        let minutes = |key| section.duration(key, Duration::from_mins(1), &(1..=1440));
        Ok(Self {
            enabled: section.switch("enabled")?,
            price_alerts_every: minutes("price_alerts_interval_minutes")?,
            saved_searches_every: minutes("saved_searches_interval_minutes")?,
        })
    }
}
