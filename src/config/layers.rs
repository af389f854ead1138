//! Merges the sources of settings by precedence, and rejects unknown keys.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value};

use super::files::SettingsFiles;
use super::options::LoadOptions;
use super::origin::SettingOrigin;
use super::problem::ConfigProblem;

/// The commented default settings file, which lists every key.
pub const DEFAULTS: &str = include_str!("superbot.default.toml");

/// Prefix of environment variables that are settings; section and key are separated by two underscores.
const ENV_PREFIX: &str = "SUPERBOT__";

/// The value of one setting, with its origin.
#[derive(Clone)]
pub(super) struct LayeredValue {
    pub(super) value: Value,
    pub(super) origin: SettingOrigin,
}

/// The effective value of every setting, by `section.key`.
pub(super) struct ConfigLayers(BTreeMap<String, LayeredValue>);

impl ConfigLayers {
    /// Merges, by ascending precedence, the defaults, the settings file, the environment file, the environment, and the
    /// command line.
    pub(super) fn gather(options: &LoadOptions, files: &SettingsFiles, problems: &mut Vec<ConfigProblem>) -> Self {
        let mut layers = Self::defaults();
        if let Some((path, table)) = &files.file {
            layers.lay_file(path, table.clone(), problems);
        }
        if let Some((path, variables)) = &files.environment {
            for (name, text) in variables {
                layers.lay_variable(name, text, &SettingOrigin::File(path.clone()), problems);
            }
        }
        for (name, value) in &options.env {
            match (name.to_str(), value.to_str()) {
                (Some(name), Some(text)) => {
                    layers.lay_variable(name, text, &SettingOrigin::Env(name.to_owned()), problems);
                }
                _ if name.as_encoded_bytes().starts_with(ENV_PREFIX.as_bytes()) => {
                    problems.push(ConfigProblem::NotUnicode {
                        what: format!("the environment variable {}", name.display()),
                    });
                }
                // Variables that are not settings may have any content.
                _ => {}
            }
        }
        for (key, text) in &options.overrides {
            layers.lay_text(key.clone(), text, &SettingOrigin::CommandLine, problems);
        }
        match options.data_dir.as_deref().map(Path::to_str) {
            None => {}
            Some(Some(dir)) => {
                layers.lay_text("server.data_dir".to_owned(), dir, &SettingOrigin::CommandLine, problems);
            }
            Some(None) => problems.push(ConfigProblem::NotUnicode { what: "the path of --data-dir".to_owned() }),
        }
        layers
    }

    /// Finds variables that use one underscore where two are required, with the correct names; a prefix check alone would
    /// miss them.
    pub(super) fn near_misses(&self, options: &LoadOptions) -> Vec<(String, String)> {
        let name_of = |key: &str| format!("{ENV_PREFIX}{}", key.replace('.', "__").to_uppercase());
        let given = options.env.iter().filter_map(|(name, _)| name.to_str());
        let pairs = given.filter_map(|given| {
            let wrong = given.strip_prefix("SUPERBOT_").filter(|rest| !rest.starts_with('_'))?;
            let key = self.0.keys().find(|key| wrong.eq_ignore_ascii_case(&key.replace('.', "_")))?;
            Some((given.to_owned(), name_of(key)))
        });
        pairs.collect()
    }

    /// Returns a setting; every key of the defaults has one.
    pub(super) fn get(&self, key: &str) -> Option<&LayeredValue> {
        self.0.get(key)
    }
    #[cfg(test)]
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Replaces a value by its resolved form, such as an empty path by the default one; its origin is kept.
    pub(super) fn settle(&mut self, key: &str, text: String) {
        if let Some(setting) = self.0.get_mut(key) {
            setting.value = Value::String(text);
        }
    }

    fn defaults() -> Self {
        // Cannot fail: a test parses the embedded file.
        let table: Table = DEFAULTS.parse().unwrap_or_default();
        let mut layers = Self(BTreeMap::new());
        for (section, keys) in table {
            let Value::Table(keys) = keys else { continue };
            for (key, value) in keys {
                layers.0.insert(format!("{section}.{key}"), LayeredValue { value, origin: SettingOrigin::Default });
            }
        }
        layers
    }

    fn lay_file(&mut self, path: &Path, table: Table, problems: &mut Vec<ConfigProblem>) {
        let origin = SettingOrigin::File(path.to_owned());
        for (section, value) in table {
            match value {
                Value::Table(keys) if self.has_section(&section) => {
                    for (key, value) in keys {
                        self.lay(format!("{section}.{key}"), value, &origin, problems);
                    }
                }
                value => self.lay(section, value, &origin, problems),
            }
        }
    }

    /// Sets a setting from an environment variable; ignores variables without the prefix.
    fn lay_variable(&mut self, name: &str, text: &str, origin: &SettingOrigin, problems: &mut Vec<ConfigProblem>) {
        if let Some(path) = name.strip_prefix(ENV_PREFIX) {
            let key = path.to_ascii_lowercase().replace("__", ".");
            self.lay_text(key, text, origin, problems);
        }
    }

    /// Sets an untyped value, which is parsed according to the type of the default.
    fn lay_text(&mut self, key: String, text: &str, origin: &SettingOrigin, problems: &mut Vec<ConfigProblem>) {
        let value = match self.0.get(&key).map(|setting| &setting.value) {
            Some(Value::Integer(_)) => text.replace('_', "").parse().ok().map(Value::Integer),
            Some(Value::Boolean(_)) => text.parse().ok().map(Value::Boolean),
            Some(Value::Array(_)) => Some(Value::Array(list_items(text))),
            _ => None,
        };
        // Left as text if it cannot be parsed; reading its section then reports the setting's own error.
        let value = value.unwrap_or_else(|| Value::String(text.to_owned()));
        self.lay(key, value, origin, problems);
    }

    fn lay(&mut self, key: String, value: Value, origin: &SettingOrigin, problems: &mut Vec<ConfigProblem>) {
        let origin = origin.clone();
        if let Some(setting) = self.0.get_mut(&key) {
            *setting = LayeredValue { value, origin };
        } else {
            let nearest = self.nearest(&key);
            problems.push(ConfigProblem::UnknownKey { key, origin, nearest });
        }
    }

    fn has_section(&self, section: &str) -> bool {
        self.sections().any(|known| known == section)
    }

    fn sections(&self) -> impl Iterator<Item = &str> {
        self.0.keys().filter_map(|key| key.split('.').next())
    }

    /// Returns the known key, or section if only a section was given, that is most similar.
    ///
    /// A key without its section (`listen`) is also compared with keys without theirs, and a valid key in a wrong section
    /// (`web.listen`) is most similar to itself in the right one.
    fn nearest(&self, wrong: &str) -> String {
        let last = wrong.rsplit('.').next().unwrap_or(wrong);
        let likeness = |known: &str| {
            let bare = known.rsplit('.').next().unwrap_or(known);
            strsim::jaro_winkler(wrong, known).max(strsim::jaro_winkler(last, bare))
        };
        // Only a name without a dot can be meant as a section.
        let sections = self.sections().filter(|_| !wrong.contains('.'));
        let candidates = sections.chain(self.0.keys().map(String::as_str));
        candidates.max_by(|a, b| likeness(a).total_cmp(&likeness(b))).unwrap_or_default().to_owned()
    }
}

fn list_items(text: &str) -> Vec<Value> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| Value::String(item.to_owned())).collect()
}
