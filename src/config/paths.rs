//! Resolves paths in settings: fills in defaults, and makes the others absolute.

use std::path::{Path, PathBuf};

use super::files::SettingsFiles;
use super::layers::ConfigLayers;
use super::options::LoadOptions;
use super::origin::SettingOrigin;
use super::problem::ConfigProblem;

/// Scheme of SQLite stores' addresses.
const SQLITE: &str = "sqlite:";

/// Resolves `server.data_dir`, `store.url` and `web.public_dir`.
pub(super) fn settle(
    layers: &mut ConfigLayers,
    options: &LoadOptions,
    files: &SettingsFiles,
    problems: &mut Vec<ConfigProblem>,
) {
    let data_dir = given_path(layers, "server.data_dir", options);
    match data_dir.or_else(|| usual_data_dir(options, files)).map(PathBuf::into_os_string) {
        None => problems.push(ConfigProblem::NoDataDir),
        Some(data_dir) => match data_dir.into_string() {
            Err(_) => problems.push(ConfigProblem::NotUnicode { what: "the path of the data directory".to_owned() }),
            Ok(data_dir) => {
                let url = layers.get("store.url").and_then(|setting| setting.value.as_str()).unwrap_or_default();
                if let Some(url) = absolute_store(url, &data_dir) {
                    layers.settle("store.url", url);
                }
                layers.settle("server.data_dir", data_dir);
            }
        },
    }
    if let Some(public_dir) = given_path(layers, "web.public_dir", options) {
        layers.settle("web.public_dir", public_dir.to_string_lossy().into_owned());
    }
}

/// Resolves the address of a SQLite store, whose file is relative to the data directory; `None` for any other address.
pub(super) fn absolute_store(url: &str, data_dir: &str) -> Option<String> {
    let file = match url {
        "" => "superbot.db",
        given => match given.strip_prefix(SQLITE)? {
            "" => return None,
            // `sqlite://FILE` is the form of sqlx and SQLAlchemy.
            file => file.strip_prefix("//").unwrap_or(file),
        },
    };
    Some(format!("{SQLITE}{}", Path::new(data_dir).join(file).display()))
}

/// Resolves a path relative to the settings file that contains it, or to the working directory if it has another origin.
fn given_path(layers: &ConfigLayers, key: &str, options: &LoadOptions) -> Option<PathBuf> {
    let setting = layers.get(key)?;
    let given = setting.value.as_str().filter(|given| !given.is_empty())?;
    if let (Some(rest), Some(home)) = (given.strip_prefix("~/"), options.folder("HOME")) {
        return Some(home.join(rest));
    }
    let folder = match &setting.origin {
        SettingOrigin::File(file) => file.parent().unwrap_or(Path::new("")),
        _ => Path::new(""),
    };
    Some(folder.join(given))
}

fn usual_data_dir(options: &LoadOptions, files: &SettingsFiles) -> Option<PathBuf> {
    if files.is_system {
        return Some(options.system.data.clone());
    }
    let data_home = options.folder("XDG_DATA_HOME");
    let data_home = data_home.or_else(|| Some(options.folder("HOME")?.join(".local/share")))?;
    Some(data_home.join("superbot"))
}
