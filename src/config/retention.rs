//! `[retention]`: how long data is kept.

use std::time::Duration;

use super::problem::ConfigProblem;
use super::section::ConfigSection;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// How long data is kept.
#[derive(Debug, Clone)]
pub struct RetentionConfig {
    /// Age up to which events are kept for replay.
    pub events: Duration,
    /// Age since the last posting up to which listings are kept; `None` keeps all.
    pub listings: Option<Duration>,
    /// Interval between two prunings.
    pub prune_interval: Duration,
}

impl RetentionConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        let listings = section.duration("listings_days", DAY, &(0..=36_500))?;
        Ok(Self {
            events: section.duration("events_days", DAY, &(1..=36_500))?,
            listings: (!listings.is_zero()).then_some(listings),
            prune_interval: section.duration("prune_interval_minutes", MINUTE, &(1..=10_080))?,
        })
    }
}
