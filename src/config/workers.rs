//! `[workers]`: the background workers.

use super::Problem;
use super::section::Section;

/// The background workers.
#[derive(Debug, Clone)]
pub struct Workers {
    /// Whether they run inside `serve`.
    pub enabled: bool,
}

impl Workers {
    pub(super) fn read(section: &Section) -> Result<Self, Problem> {
        Ok(Self { enabled: section.switch("enabled")? })
    }
}
