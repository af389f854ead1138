//! Sources of settings other than the defaults.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Sources of settings other than the defaults.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// Path of the settings file. If `None`, the first that exists is read: `superbot.toml` in the working directory, in
    /// `$XDG_CONFIG_HOME/superbot` (`~/.config/superbot`), or in the system's folder (`/etc/superbot`).
    pub file: Option<PathBuf>,
    /// The data directory given on the command line.
    pub data_dir: Option<PathBuf>,
    /// The process's environment, passed in so that nothing else has to read it.
    pub env: Vec<(OsString, OsString)>,
    /// Settings from the command line: key (`server.listen`) and value, written as in the environment.
    pub overrides: Vec<(String, String)>,
    /// Folders of the machine-wide service, replaced by tests.
    pub system: SystemFolders,
}

/// Folders of the machine-wide service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemFolders {
    /// Folder of `superbot.toml` and `environment`.
    pub settings: PathBuf,
    /// Default data directory of the service.
    pub data: PathBuf,
}

impl Default for SystemFolders {
    fn default() -> Self {
        Self { settings: PathBuf::from("/etc/superbot"), data: PathBuf::from("/var/lib/superbot") }
    }
}

impl LoadOptions {
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        let found = self.env.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_os_str())
    }

    /// Returns a folder named by an environment variable; relative paths are invalid and ignored (XDG Base Directory
    /// Specification).
    pub(super) fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}
