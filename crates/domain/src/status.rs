//! Status of scrapers.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::field::{FieldErrors, InvalidField, InvalidFields, shown};
use crate::source::SourceName;

/// Whether the scraper of each source is running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ScraperStates(BTreeMap<SourceName, bool>);

/// A publisher's report: for each source whether its scraper is running; `None` removes the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScraperReport(BTreeMap<SourceName, Option<bool>>);

impl ScraperReport {
    const MAX_ENTRIES: usize = 100;

    /// Parses an object with a boolean per source, or `null` for a source to be removed.
    pub fn from_json(value: &Value) -> Result<Self, InvalidFields> {
        let Some(object) = value.as_object() else {
            return Err(InvalidFields::one(
                "",
                format!(
                    "{} is not a status; give an object of sources and booleans, as in {{\"facebook\": true}}",
                    shown(value)
                ),
            ));
        };
        if object.len() > Self::MAX_ENTRIES {
            return Err(InvalidFields::one(
                "",
                format!("has {} sources; give at most {}", object.len(), Self::MAX_ENTRIES),
            ));
        }
        let mut errors = FieldErrors::default();
        let entries: Vec<_> = object.iter().map(|(name, value)| errors.take(name, read_entry(name, value))).collect();
        errors.finish(entries.into_iter().collect::<Option<_>>().map(Self))
    }

    /// Returns the report without the given sources.
    #[must_use]
    pub fn without(&self, sources: &[String]) -> Self {
        let others = self.0.iter().filter(|(source, _)| !sources.iter().any(|other| other == source.as_str()));
        Self(others.map(|(source, running)| (source.clone(), *running)).collect())
    }

    /// Iterates over the sources, ordered by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SourceName, Option<bool>)> {
        self.0.iter().map(|(source, running)| (source, *running))
    }
}

impl From<ScraperStates> for ScraperReport {
    fn from(status: ScraperStates) -> Self {
        Self(status.0.into_iter().map(|(source, running)| (source, Some(running))).collect())
    }
}

impl ScraperStates {
    /// Sources that are always listed, as stopped by default.
    const KNOWN: [&str; 3] = ["facebook", "craigslist", "ksl"];
    /// Other fields of the status event, which are therefore not available as source names.
    const TAKEN: [&str; 2] = ["timestamp", "seq"];

    /// Returns a status without sources.
    pub const fn empty() -> Self {
        Self(BTreeMap::new())
    }

    /// Returns the status before any report: the known sources, stopped.
    pub fn initial() -> Self {
        Self(Self::KNOWN.into_iter().filter_map(|name| Some((SourceName::parse(name).ok()?, false))).collect())
    }

    /// Converts a stored status; invalid entries are ignored.
    pub fn from_stored(value: &Value) -> Self {
        let entries = value.as_object().into_iter().flatten();
        Self(entries.filter_map(|(name, value)| Some((SourceName::parse(name).ok()?, value.as_bool()?))).collect())
    }

    /// Sets the status of a source; returns false if its name is reserved.
    pub fn set(&mut self, source: SourceName, running: bool) -> bool {
        let possible = !Self::TAKEN.contains(&source.as_str());
        if possible {
            self.0.insert(source, running);
        }
        possible
    }

    /// Merges a report; sources that it does not mention are kept. A removed known source becomes stopped.
    pub fn merge(&mut self, report: &ScraperReport) {
        for (source, running) in report.iter() {
            // Known sources are always listed, so a report cannot remove them.
            if running.is_some() || Self::KNOWN.contains(&source.as_str()) {
                self.0.insert(source.clone(), running.unwrap_or(false));
            } else {
                self.0.remove(source);
            }
        }
    }

    /// Iterates over the sources, ordered by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&SourceName, bool)> {
        self.0.iter().map(|(source, running)| (source, *running))
    }

    /// Returns whether a source is running; `None` if it is unknown.
    pub fn get(&self, source: &SourceName) -> Option<bool> {
        self.0.get(source).copied()
    }
}

fn read_entry(name: &str, value: &Value) -> Result<(SourceName, Option<bool>), InvalidField> {
    let source = SourceName::parse(name)?;
    if ScraperStates::TAKEN.contains(&source.as_str()) {
        return Err(InvalidField::new("is reserved: clients read it as a field of the report; choose another name"));
    }
    match value {
        Value::Null => Ok((source, None)),
        Value::Bool(running) => Ok((source, Some(*running))),
        other => Err(InvalidField::new(format!("{} is neither true nor false nor null", shown(other)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    #[test]
    fn a_report_changes_what_it_mentions() {
        let mut status = ScraperStates::initial();
        status.merge(&ScraperReport::from_json(&json!({ "Facebook": true, "my-feed": true })).unwrap());
        assert_eq!(
            serde_json::to_value(&status).unwrap(),
            json!({ "facebook": true, "craigslist": false, "ksl": false, "my-feed": true })
        );
    }

    #[test]
    fn a_report_removes_what_it_says_is_null_but_not_the_known_sources() {
        let mut status = ScraperStates::initial();
        status.merge(&ScraperReport::from_json(&json!({ "ksl": true, "feed": true, "other": false })).unwrap());
        status.merge(&ScraperReport::from_json(&json!({ "ksl": null, "feed": null, "unknown": null })).unwrap());
        let left: Vec<_> = status.iter().map(|(source, running)| (source.as_str(), running)).collect();
        assert_eq!(left, [("craigslist", false), ("facebook", false), ("ksl", false), ("other", false)]);
    }

    #[test]
    fn each_wrong_entry_is_named() {
        let invalid = ScraperReport::from_json(
            &json!({ "facebook": "on", "ksl": 1, "craigslist": true, "seq": true, "no name": false }),
        )
        .unwrap_err();
        let fields: Vec<_> = invalid.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["facebook", "ksl", "no name", "seq"]);
        assert!(ScraperReport::from_json(&json!(true)).is_err());
        let many: Map<String, Value> = (0..101).map(|n| (format!("s{n}"), true.into())).collect();
        assert!(ScraperReport::from_json(&many.into()).is_err());
    }
}
