//! Origin of a setting's value.

use std::fmt;
use std::path::PathBuf;

/// Origin of a setting's value; displayed as the end of a sentence ("... in the file X").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingOrigin {
    /// The embedded default.
    Default,
    /// The settings file or the environment file, by path.
    File(PathBuf),
    /// The environment variable of this name.
    Env(String),
    /// A command-line option.
    CommandLine,
}

impl fmt::Display for SettingOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("in the defaults"),
            Self::File(path) => write!(f, "in the file {}", path.display()),
            Self::Env(name) => write!(f, "in the environment variable {name}"),
            Self::CommandLine => f.write_str("on the command line"),
        }
    }
}
