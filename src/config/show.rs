//! Prints settings for people, without their secrets.

use std::fmt::Write;

use toml::Value;
use url::Url;

use super::DEFAULTS;
use super::layers::{Layers, Origin};

/// Stands where a secret was.
const HIDDEN: &str = "hidden";

/// Settings whose value may hold a secret.
const SECRET_KEYS: [&str; 1] = ["store.url"];

/// Every setting in the order of the default file, with the origin of what is not a default.
pub(super) fn effective(layers: &Layers) -> String {
    let mut text = String::new();
    let mut section = "";
    for line in DEFAULTS.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let gap = if section.is_empty() { "" } else { "\n" };
            section = name;
            let _ = writeln!(text, "{gap}[{section}]");
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            let full_key = format!("{section}.{key}");
            let Some(setting) = layers.get(&full_key) else {
                continue;
            };
            let _ = write!(text, "{key} = {}", value(&full_key, &setting.value));
            let _ = match &setting.origin {
                Origin::Default => writeln!(text),
                origin => writeln!(text, "  # set {origin}"),
            };
        }
    }
    text
}

/// A value as a settings file would have it, or what may be shown of it.
pub(super) fn value(key: &str, value: &Value) -> String {
    match value.as_str().filter(|_| SECRET_KEYS.contains(&key)) {
        Some(text) => Value::String(without_password(text)).to_string(),
        None => value.to_string(),
    }
}

/// The address of a store as it may be shown: a password in it is replaced.
pub(super) fn without_password(text: &str) -> String {
    if text.is_empty() || text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let Ok(mut url) = Url::parse(text) else {
        return HIDDEN.to_owned();
    };
    if url.cannot_be_a_base() {
        return HIDDEN.to_owned();
    }
    if url.password().is_some() && url.set_password(Some(HIDDEN)).is_err() {
        return HIDDEN.to_owned();
    }
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if !pairs.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(name, value)| {
            let secret = name.to_ascii_lowercase().contains("password");
            (name, if secret { HIDDEN } else { value.as_str() })
        }));
    }
    url.into()
}
