//! Where settings come from, besides the defaults.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Where settings come from, besides the defaults.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The settings file. Without one the first that exists is read: `superbot.toml` in the working directory, in
    /// `$XDG_CONFIG_HOME/superbot` (`~/.config/superbot`), in the system's folder (`/etc/superbot`).
    pub file: Option<PathBuf>,
    /// The data directory named on the command line.
    pub data_dir: Option<PathBuf>,
    /// The process's environment. It is handed in, so that nothing else reads it.
    pub env: Vec<(OsString, OsString)>,
    /// Settings given on the command line: key (`server.listen`) and value, written as in the environment.
    pub overrides: Vec<(String, String)>,
    /// The folders of the machine-wide service.
    pub system: SystemFolders,
}

/// Where the settings and the data of a service are that everybody on the machine shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SystemFolders {
    /// Holds `superbot.toml` and `environment`.
    pub settings: PathBuf,
    /// The data directory, unless the settings name another.
    pub data: PathBuf,
}

impl Default for SystemFolders {
    fn default() -> Self {
        Self { settings: PathBuf::from("/etc/superbot"), data: PathBuf::from("/var/lib/superbot") }
    }
}

impl LoadOptions {
    /// A variable of the environment.
    pub(super) fn variable(&self, name: &str) -> Option<&OsStr> {
        let found = self.env.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_os_str())
    }

    /// A folder that the environment names; the XDG rules say to ignore a relative one.
    pub(super) fn folder(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}
