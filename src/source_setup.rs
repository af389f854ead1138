//! How a source is set up, as the API, the command line and the worker read it.

use serde_json::{Map, Value};
use superbot_domain::Invalid;
use superbot_sources::{Kind, Settings};
use superbot_store::Source;

/// Reads the settings of a source of that kind; what is wrong is named under `settings`.
///
/// # Errors
/// Every setting that is not right.
pub fn read_settings(kind: Kind, settings: &Value) -> Result<Settings, Invalid> {
    Settings::parse(kind, settings).map_err(|invalid| invalid.under("settings"))
}

/// What a source reads, and how it is set up.
///
/// # Errors
/// When this program has no such adapter, or the settings were written by one that knew others.
pub fn read(source: &Source) -> Result<(Kind, Settings), Invalid> {
    let kind: Kind = source.kind.parse().map_err(|error: superbot_domain::InvalidField| error.at("kind"))?;
    Ok((kind, read_settings(kind, &source.settings)?))
}

/// The settings of a source that may run.
///
/// # Errors
/// What is missing, be it that nobody has read the terms of the site.
pub fn read_runnable(source: &Source) -> Result<Settings, Invalid> {
    let (_, settings) = read(source)?;
    settings.check_runnable().map_err(|invalid| invalid.under("settings"))?;
    if let (Some(terms), None) = (settings.terms(), source.terms_accepted_at) {
        return Err(Invalid::one("accept_terms", format!("must be true first. {terms}")));
    }
    Ok(settings)
}

/// Settings with some of them changed; null takes one back to its default.
///
/// # Errors
/// Every setting that would not be right.
pub fn changed(source: &Source, changes: Map<String, Value>) -> Result<Value, Invalid> {
    let mut settings = source.settings.as_object().cloned().unwrap_or_default();
    settings.extend(changes);
    settings.retain(|_, value| !value.is_null());
    let settings = Value::Object(settings);
    let then = Source { settings: settings.clone(), ..source.clone() };
    if source.running { read_runnable(&then).map(drop) } else { read(&then).map(drop) }?;
    Ok(settings)
}
