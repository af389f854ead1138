//! Locates the settings file, and the environment file of a machine-wide service next to it.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use toml::Table;

use super::options::LoadOptions;
use super::problem::ConfigProblem;

/// Name of the settings file in every folder that is searched.
const FILE_NAME: &str = "superbot.toml";
/// File of `NAME=value` lines that systemd passes to the service (`EnvironmentFile=` of the units).
const ENVIRONMENT_FILE_NAME: &str = "environment";

/// The files that settings are read from, with their content.
#[derive(Default)]
pub(super) struct SettingsFiles {
    pub(super) file: Option<(PathBuf, Table)>,
    /// The environment file, as pairs of variable and value.
    pub(super) environment: Option<(PathBuf, Vec<(String, String)>)>,
    /// Whether these are the settings of the machine-wide service.
    pub(super) is_system: bool,
    /// Warning that root uses another user's file, found in the current folder.
    pub(super) foreign: Option<String>,
}

impl SettingsFiles {
    /// Reads the file named by the options, otherwise the first of the candidates that exists.
    pub(super) fn find(options: &LoadOptions) -> Result<Self, ConfigProblem> {
        let mut found = Self::default();
        let system = options.system.settings.as_path();
        let path = match &options.file {
            Some(named) => Some(named.clone()),
            None => candidates(options).find(|path| is_there(path, path.starts_with(system))),
        };
        if let Some(path) = &path {
            found.file = Some((path.clone(), read_toml(path)?));
            if options.file.is_none() && Some(path) == here().as_ref() {
                let user = rustix::process::geteuid().as_raw();
                found.foreign = path.metadata().ok().and_then(|file| foreign_warning(path, file.uid(), user));
            }
        }
        // Without any settings file the service may still be configured by its environment file alone.
        found.is_system = path.as_ref().is_none_or(|path| path.parent() == Some(system));
        if found.is_system {
            let path = system.join(ENVIRONMENT_FILE_NAME);
            if !is_started_by_systemd(options) && is_there(&path, true) {
                let settings = read_environment(&path)?;
                found.environment = Some((path, settings));
            }
        }
        // With neither file, this is an installation of a single user.
        found.is_system &= found.file.is_some() || found.environment.is_some();
        Ok(found)
    }
}

/// Returns the places of the settings file, in search order.
pub(super) fn candidates(options: &LoadOptions) -> impl Iterator<Item = PathBuf> {
    let config_home = options.folder("XDG_CONFIG_HOME").or_else(|| Some(options.folder("HOME")?.join(".config")));
    let of_user = config_home.map(|folder| folder.join("superbot").join(FILE_NAME));
    let of_system = options.system.settings.join(FILE_NAME);
    here().into_iter().chain(of_user).chain([of_system])
}

/// Returns the absolute path of a settings file in the current folder.
fn here() -> Option<PathBuf> {
    std::path::absolute(FILE_NAME).ok()
}

/// Returns a warning if root reads a file that belongs to another user.
fn foreign_warning(path: &Path, owner: u32, user: u32) -> Option<String> {
    (user == 0 && owner != 0).then(|| {
        format!(
            "root reads {}, in the current folder, which belongs to another user (uid {owner}): that user controls what \
             the command does; name the settings with --config",
            path.display()
        )
    })
}

/// Returns whether a file exists.
///
/// A folder that this user may not enter, such as the one in which `sudo -u` was called, counts as empty. The system's folder
/// does not: a command that skipped the service's settings would work on another store.
fn is_there(path: &Path, is_system: bool) -> bool {
    match path.metadata() {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => is_system,
        Err(_) => false,
    }
}

fn read_toml(path: &Path) -> Result<Table, ConfigProblem> {
    let text =
        std::fs::read_to_string(path).map_err(|error| ConfigProblem::Unreadable { path: path.to_owned(), error })?;
    text.parse().map_err(|error: toml::de::Error| ConfigProblem::Syntax {
        path: path.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })
}

/// Returns whether systemd started this process (systemd.exec(5)). Its variables then include those of the file, which the
/// service's user need not be able to read.
fn is_started_by_systemd(options: &LoadOptions) -> bool {
    options.variable("SYSTEMD_EXEC_PID").and_then(OsStr::to_str) == Some(std::process::id().to_string().as_str())
}

/// Reads `NAME=value` lines. Rejects what systemd would interpret differently, such as backslashes, instead of guessing.
fn read_environment(path: &Path) -> Result<Vec<(String, String)>, ConfigProblem> {
    let text =
        std::fs::read_to_string(path).map_err(|error| ConfigProblem::Unreadable { path: path.to_owned(), error })?;
    let mut settings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        let refused = || ConfigProblem::EnvironmentLine {
            path: path.to_owned(),
            message: format!(
                "line {} must be NAME=value, without `export`, with a value in which quotes stand only around the whole and \
                 no backslash",
                index + 1
            ),
        };
        let (name, value) = line.split_once('=').ok_or_else(refused)?;
        let name = name.trim();
        let value = unquoted(value.trim()).ok_or_else(refused)?;
        if name.contains(char::is_whitespace) {
            return Err(refused());
        }
        settings.push((name.to_owned(), value.to_owned()));
    }
    Ok(settings)
}

fn unquoted(value: &str) -> Option<&str> {
    let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let inner = inner.unwrap_or(value);
    // systemd would interpret these within a value (systemd.exec(5), EnvironmentFile=).
    (!inner.contains(['"', '\'', '\\'])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_warned_of_another_users_file_in_the_current_folder() {
        let path = Path::new("/home/ann/superbot.toml");
        let warning = foreign_warning(path, 1000, 0).unwrap();
        assert!(warning.contains("/home/ann/superbot.toml") && warning.contains("uid 1000"), "{warning}");
        assert_eq!(foreign_warning(path, 0, 0), None);
        assert_eq!(foreign_warning(path, 1000, 1000), None);
        assert_eq!(foreign_warning(path, 1000, 1001), None, "one user's mistake harms that user only");
    }
}
