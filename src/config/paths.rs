//! Fills in the paths that were left to be worked out, and makes every path absolute enough to be used.

use std::path::{Path, PathBuf};

use super::Problem;
use super::layers::{Layers, Origin};

/// What the addresses of SQLite stores begin with.
const SQLITE: &str = "sqlite:";

/// Settles `server.data_dir`, `store.url` and `web.public_dir`.
pub(super) fn settle(layers: &mut Layers, env: &[(String, String)], problems: &mut Vec<Problem>) {
    match given_path(layers, "server.data_dir", env).or_else(|| usual_data_dir(env)) {
        Some(data_dir) => {
            settle_store(layers, &data_dir);
            layers.settle("server.data_dir", text(&data_dir));
        }
        None => problems.push(Problem::NoDataDir),
    }
    if let Some(public_dir) = given_path(layers, "web.public_dir", env) {
        layers.settle("web.public_dir", text(&public_dir));
    }
}

/// A path from a settings file is meant from that file's folder, any other from the working directory.
fn given_path(layers: &Layers, key: &str, env: &[(String, String)]) -> Option<PathBuf> {
    let setting = layers.get(key)?;
    let given = setting.value.as_str().filter(|given| !given.is_empty())?;
    if let (Some(rest), Some(home)) = (given.strip_prefix("~/"), absolute(env, "HOME")) {
        return Some(home.join(rest));
    }
    let folder = match &setting.origin {
        Origin::File(file) => file.parent().unwrap_or(Path::new("")),
        _ => Path::new(""),
    };
    Some(folder.join(given))
}

fn usual_data_dir(env: &[(String, String)]) -> Option<PathBuf> {
    let data_home = absolute(env, "XDG_DATA_HOME");
    let data_home = data_home.or_else(|| Some(absolute(env, "HOME")?.join(".local/share")))?;
    Some(data_home.join("superbot"))
}

fn settle_store(layers: &mut Layers, data_dir: &Path) {
    let given = layers.get("store.url").and_then(|setting| setting.value.as_str()).unwrap_or_default();
    let file = match given {
        "" => "superbot.db",
        given => match given.strip_prefix(SQLITE) {
            Some(file) if !file.is_empty() => file.strip_prefix("//").unwrap_or(file),
            _ => return,
        },
    };
    let url = format!("{SQLITE}{}", data_dir.join(file).display());
    layers.settle("store.url", url);
}

/// A folder that the environment names; the XDG rules tell us to ignore a relative one.
fn absolute(env: &[(String, String)], name: &str) -> Option<PathBuf> {
    let value = env.iter().find(|(known, _)| known == name).map(|(_, value)| PathBuf::from(value));
    value.filter(|path| path.is_absolute())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
