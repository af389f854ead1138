//! `superbot source kinds`: kinds of source and their settings.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};
use superbot_sources::{SOURCE_KINDS, SourceKind, find_source_kind};
use superbot_wire::SourceSettingView;

use super::cli::CommandResult;
use super::output::{say_json, say_table};
use crate::source_setup::kind_view;

/// Returns a parser that accepts the kinds' names, and lists them in the help.
pub fn source_kind() -> impl TypedValueParser<Value = &'static SourceKind> {
    let names = SOURCE_KINDS.map(|kind| PossibleValue::new(kind.name).help(kind.summary));
    PossibleValuesParser::new(names).try_map(|name| find_source_kind(&name))
}
pub fn source_kinds(kind: Option<&'static SourceKind>, json: bool) -> CommandResult {
    let kinds = kind.map_or_else(|| SOURCE_KINDS.to_vec(), |kind| vec![kind]);
    if json {
        let kinds: Vec<_> = kinds.into_iter().map(kind_view).collect();
        say_json(&json!(kinds))?;
        return Ok(());
    }
    match kind {
        None => list_kinds(),
        Some(kind) => list_settings(kind),
    }
    Ok(())
}

fn list_kinds() {
    let row = |kind: &SourceKind| {
        let required = kind.settings.iter().filter(|field| field.is_required()).map(|field| field.name);
        let parts = (!kind.parts.is_empty()).then_some("fields");
        let needs: Vec<&str> = required.chain(parts).collect();
        [kind.name.to_owned(), kind.title.to_owned(), needs.join(", "), kind.summary.to_owned()]
    };
    say_table(["KIND", "TITLE", "NEEDS", "READS"], &SOURCE_KINDS.map(row));
}

fn list_settings(kind: &'static SourceKind) {
    let row = |setting: SourceSettingView| {
        let default = match setting.default {
            Value::Null if setting.required => "required".to_owned(),
            Value::Null => "-".to_owned(),
            default => default.to_string(),
        };
        let example = setting.example.map_or(String::new(), |example| format!(" For example {example}"));
        let help = if setting.help.is_empty() { setting.label } else { setting.help };
        [setting.name, setting.value_type.to_owned(), default, format!("{help}{example}")]
    };
    let rows: Vec<_> = kind_view(kind).settings.into_iter().map(row).collect();
    say_table(["SETTING", "TYPE", "DEFAULT", "MEANING"], &rows);
}
