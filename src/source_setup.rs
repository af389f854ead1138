//! How a source is set up, as the API, the command line and the worker read it.

use serde_json::{Map, Value};
use superbot_domain::InvalidFields;
use superbot_sources::{SettingField, Settings, SourceKind, find_source_kind};
use superbot_store::StoredSource;
use superbot_wire::{SourceKindView, SourceSettingView};

/// Reads the settings of a source of that kind; what is wrong is named under `settings`.
///
/// # Errors
/// Every setting that is not right.
pub fn read_settings(kind: &'static SourceKind, settings: &Value) -> Result<Settings, InvalidFields> {
    Settings::parse(kind, settings).map_err(|invalid| invalid.under("settings"))
}

/// The settings of a source.
///
/// # Errors
/// When this program has no such adapter, or the settings were written by one that knew others.
pub fn read(source: &StoredSource) -> Result<Settings, InvalidFields> {
    let kind = find_source_kind(&source.kind).map_err(|error| error.at("kind"))?;
    read_settings(kind, &source.settings)
}

/// The settings of a source that may run.
///
/// # Errors
/// What is missing, be it that nobody has read the terms of the site.
pub fn read_runnable(source: &StoredSource) -> Result<Settings, InvalidFields> {
    let settings = read(source)?;
    settings.check_runnable().map_err(|invalid| invalid.under("settings"))?;
    if let (Some(terms), None) = (settings.terms(), source.terms_accepted_at) {
        return Err(InvalidFields::one("accept_terms", format!("must be true first. {terms}")));
    }
    Ok(settings)
}

/// A kind of source as the API and the commands describe it.
pub fn kind_view(kind: &'static SourceKind) -> SourceKindView {
    let settings = kind.all_settings().map(|field| setting_view("", field));
    let parts = kind.parts.iter().map(|part| setting_view("fields.", part));
    SourceKindView {
        name: kind.name,
        title: kind.title,
        summary: kind.summary,
        home: kind.site.as_ref().map(|site| site.home),
        terms: kind.site.as_ref().map(|site| site.terms),
        settings: settings.chain(parts).collect(),
    }
}

fn setting_view(path: &str, field: &'static SettingField) -> SourceSettingView {
    let bounds = field.value_type.bounds();
    SourceSettingView {
        name: format!("{path}{}", field.name),
        label: field.label,
        value_type: field.value_type.as_str(),
        section: field.section.as_str(),
        required: field.is_required(),
        default: if path.is_empty() { field.default_value() } else { Value::Null },
        example: Some(field.example).filter(|example| !example.is_empty()),
        help: field.help,
        minimum: bounds.map(|(minimum, _)| minimum),
        maximum: bounds.map(|(_, maximum)| maximum),
    }
}

/// Settings with some of them changed; null takes one back to its default.
///
/// # Errors
/// Every setting that would not be right.
pub fn changed(source: &StoredSource, changes: Map<String, Value>) -> Result<Value, InvalidFields> {
    let mut settings = source.settings.as_object().cloned().unwrap_or_default();
    settings.extend(changes);
    settings.retain(|_, value| !value.is_null());
    let settings = Value::Object(settings);
    let then = StoredSource { settings: settings.clone(), ..source.clone() };
    if source.running { read_runnable(&then).map(drop) } else { read(&then).map(drop) }?;
    Ok(settings)
}
