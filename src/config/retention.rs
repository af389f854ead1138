//! `[retention]`: how long things are kept.

use std::time::Duration;

use super::problem::ConfigProblem;
use super::section::ConfigSection;

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// How long things are kept.
#[derive(Debug, Clone)]
pub struct RetentionConfig {
    /// How long an event can be replayed.
    pub events: Duration,
    /// How long a listing is kept after it was last posted; `None` keeps all.
    pub listings: Option<Duration>,
    /// Time between two prunings.
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
