//! Validation and description of sources' settings, for the API, the commands and the worker.

use serde_json::{Map, Value};
use superbot_domain::InvalidFields;
use superbot_sources::{SettingField, Settings, SourceKind, find_source_kind};
use superbot_store::StoredSource;
use superbot_wire::{SourceKindView, SourceSettingView};

/// Parses the settings for a kind of source; errors name their field below `settings`.
///
/// # Errors
/// All invalid settings.
pub fn read_settings(kind: &'static SourceKind, settings: &Value) -> Result<Settings, InvalidFields> {
    Settings::parse(kind, settings).map_err(|invalid| invalid.under("settings"))
}

/// Parses the stored settings of a source.
///
/// # Errors
/// When this program has no such adapter, or another version wrote settings that this one does not know.
pub fn read(source: &StoredSource) -> Result<Settings, InvalidFields> {
    let kind = find_source_kind(&source.kind).map_err(|error| error.at("kind"))?;
    read_settings(kind, &source.settings)
}

/// Parses the settings of a source that is to run.
///
/// # Errors
/// All missing or invalid settings, or that the site's terms have not been accepted.
pub fn read_runnable(source: &StoredSource) -> Result<Settings, InvalidFields> {
    let settings = read(source)?;
    settings.check_runnable().map_err(|invalid| invalid.under("settings"))?;
    if let (Some(terms), None) = (settings.terms(), source.terms_accepted_at) {
        return Err(InvalidFields::one("accept_terms", format!("must be true first. {terms}")));
    }
    Ok(settings)
}

/// Returns a kind of source as described by the API and the commands.
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

/// Merges changes into the settings of a source (RFC 7396); null resets a setting to its default.
///
/// # Errors
/// All settings that would be invalid.
pub fn changed(source: &StoredSource, changes: Map<String, Value>) -> Result<Value, InvalidFields> {
    let mut settings = source.settings.as_object().cloned().unwrap_or_default();
    settings.extend(changes);
    settings.retain(|_, value| !value.is_null());
    let settings = Value::Object(settings);
    let then = StoredSource { settings: settings.clone(), ..source.clone() };
    // A running source must remain runnable; a stopped one may still be incomplete.
    if source.running { read_runnable(&then).map(drop) } else { read(&then).map(drop) }?;
    Ok(settings)
}
