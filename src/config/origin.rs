//! Who gave a setting its value.

use std::fmt;
use std::path::PathBuf;

/// Who gave a setting its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingOrigin {
    /// Nobody: it is the default.
    Default,
    /// A settings file.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// The command line.
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
