//! Displays settings without their secrets.

use std::fmt::Write;

use toml::Value;
use url::Url;

use super::files::{SettingsFiles, candidates};
use super::layers::{ConfigLayers, DEFAULTS};
use super::options::LoadOptions;
use super::origin::SettingOrigin;

/// Replacement for secrets.
const HIDDEN: &str = "hidden";

/// Settings whose value may contain a secret.
const SECRET_KEYS: [&str; 1] = ["store.url"];

/// Renders the files that were read, and every setting in the order of the default file, with the origin of non-default
/// values.
pub(super) fn effective(layers: &ConfigLayers, options: &LoadOptions, files: &SettingsFiles) -> String {
    let mut text = read_files(options, files);
    let mut section = "";
    for line in DEFAULTS.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
            let _ = writeln!(text, "\n[{section}]");
        } else if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
            let full_key = format!("{section}.{key}");
            let Some(setting) = layers.get(&full_key) else {
                continue;
            };
            let _ = write!(text, "{key} = {}", value(&full_key, &setting.value));
            let _ = match &setting.origin {
                SettingOrigin::Default => writeln!(text),
                origin => writeln!(text, "  # set {origin}"),
            };
        }
    }
    text
}

/// Renders comments that name the files that were read.
fn read_files(options: &LoadOptions, files: &SettingsFiles) -> String {
    let file = files.file.as_ref().map(|(path, _)| path);
    let environment = files.environment.as_ref().map(|(path, _)| path);
    let mut text = String::new();
    for path in file.into_iter().chain(environment) {
        let _ = writeln!(text, "# read from {}", path.display());
    }
    if file.is_none() {
        let tried: Vec<String> = candidates(options).map(|path| path.display().to_string()).collect();
        let _ = writeln!(text, "# there is no settings file: {}", tried.join(", "));
    }
    text
}

/// Renders a value in TOML, with a password in it hidden.
pub(super) fn value(key: &str, value: &Value) -> String {
    match value.as_str().filter(|_| SECRET_KEYS.contains(&key)) {
        Some(text) => Value::String(without_password(text)).to_string(),
        None => value.to_string(),
    }
}

/// Replaces the password in the address of a store.
pub(super) fn without_password(text: &str) -> String {
    if text.is_empty() || text.starts_with("sqlite:") {
        return text.to_owned();
    }
    try_without_password(text).unwrap_or_else(|| HIDDEN.to_owned())
}

/// Returns `None` if it is ambiguous where the password ends.
fn try_without_password(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok().filter(|_| is_unambiguous(text))?;
    if url.password().is_some() {
        url.set_password(Some(HIDDEN)).ok()?;
    }
    // libpq also accepts `password` and `sslpassword` as parameters.
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    if !pairs.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(pairs.iter().map(|(name, value)| {
            let secret = name.to_ascii_lowercase().contains("password");
            (name, if secret { HIDDEN } else { value.as_str() })
        }));
    }
    Some(url.into())
}

/// Returns whether user name and password end where a URL parser sees their end.
///
/// In `postgres://ann:p#w@host/db` it sees the host `ann` and the port `p`, because the password is not percent-encoded.
pub(super) fn is_unambiguous(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    match rest.rsplit_once('@') {
        Some((user_and_password, _)) => !user_and_password.contains(['@', '/', '?', '#', '[', ']', '\\']),
        None => true,
    }
}
