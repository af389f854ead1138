//! What can be wrong with settings, in words that say how to put it right.

use std::fmt;
use std::path::PathBuf;

use super::origin::SettingOrigin;

/// Everything that is wrong with the settings, one line each.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError(pub Vec<ConfigProblem>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigProblem {
    /// The settings file cannot be read.
    #[error("cannot read the settings file {}: {error}{}", path.display(), advice(error))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The settings file is not TOML.
    #[error("the settings file {} is not valid TOML: {message}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and on which line.
        message: String,
    },
    /// The environment file has a line that is none of its kind.
    #[error("the environment file {} cannot be read: {message}", path.display())]
    EnvironmentLine {
        /// The file.
        path: PathBuf,
        /// What is wrong, and on which line.
        message: String,
    },
    /// There is no such setting.
    #[error("unknown setting `{key}` {origin}; the nearest known one is `{nearest}`")]
    UnknownKey {
        /// The key as it was given.
        key: String,
        /// Who gave it.
        origin: SettingOrigin,
        /// The known key or section most like it.
        nearest: String,
    },
    /// The value is of the wrong type, or out of range.
    #[error("`{key}` is {value} {origin}, but must be {expected}")]
    Invalid {
        /// The setting.
        key: String,
        /// The value as it was given; hidden where it may be a secret.
        value: String,
        /// Who gave it.
        origin: SettingOrigin,
        /// What would be right.
        expected: String,
    },
    /// A path or a variable holds bytes that are no text.
    #[error("{what} is not UTF-8; settings and their paths must be")]
    NotUnicode {
        /// Which one.
        what: String,
    },
    /// The folder of pages cannot be served.
    #[error("`web.public_dir` is {}, but must be {expected}", path.display())]
    PublicDir {
        /// The folder as it was given.
        path: PathBuf,
        /// What would be right.
        expected: &'static str,
    },
    /// Nothing says where data should be kept.
    #[error("neither HOME nor XDG_DATA_HOME is set: say where data is kept with `server.data_dir` (--data-dir)")]
    NoDataDir,
}

fn advice(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "; run the command as root or as a user who may read it, or name other settings with --config"
        }
        _ => "",
    }
}
