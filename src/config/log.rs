//! `[log]`: level and format of the log.

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};

/// Level and format of the log.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// Directives of `tracing`'s `EnvFilter`, such as `info,superbot::http=debug`; validated.
    pub level: String,
    /// Format of the lines.
    pub format: LogFormat,
}

impl LogConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        let LogDirectives(level) = section.text("level")?;
        Ok(Self { level, format: section.text("format")? })
    }
}

/// Format of a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Human-readable text.
    Text,
    /// One JSON object per line.
    Json,
}

impl ParseSetting for LogFormat {
    const EXPECTED: &'static str = "\"text\" or \"json\"";

    fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

struct LogDirectives(String);

impl ParseSetting for LogDirectives {
    const EXPECTED: &'static str = "\"off\", \"error\", \"warn\", \"info\", \"debug\" or \"trace\", or a list such as \"info,superbot::http=debug\"";

    /// Stricter than `EnvFilter`, which takes a misspelled level for the name of a target and enables all of its levels.
    fn parse(text: &str) -> Option<Self> {
        let directive = |part: &str| {
            let (target, level) = part.split_once('=').unwrap_or(("all", part));
            let known = ["off", "error", "warn", "info", "debug", "trace"].contains(&level);
            known && !target.is_empty() && target.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c))
        };
        text.split(',').all(directive).then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_level_is_not_taken_for_a_target() {
        for text in ["info", "off", "info,superbot::http=debug", "superbot=trace"] {
            assert!(LogDirectives::parse(text).is_some(), "{text}");
        }
        for text in ["", "inof", "INFO!", "info,", "superbot=loud", "=info"] {
            assert!(LogDirectives::parse(text).is_none(), "{text}");
        }
    }
}
