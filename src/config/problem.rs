//! Errors in settings, with messages that say how to correct them.

use std::fmt;
use std::path::PathBuf;

use super::origin::SettingOrigin;

/// All errors in the settings, one line each.
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

/// One error in the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigProblem {
    /// The settings file, or the environment file, cannot be read.
    #[error("cannot read the settings file {}: {error}{}", path.display(), advice(error))]
    Unreadable {
        /// Path of the file.
        path: PathBuf,
        /// Error of the operating system.
        error: std::io::Error,
    },
    /// The settings file is not TOML.
    #[error("the settings file {} is not valid TOML: {message}", path.display())]
    Syntax {
        /// Path of the file.
        path: PathBuf,
        /// The parser's message, with line and column.
        message: String,
    },
    /// A line of the environment file is not of the form `NAME=value`.
    #[error("the environment file {} cannot be read: {message}", path.display())]
    EnvironmentLine {
        /// Path of the file.
        path: PathBuf,
        /// What is wrong, with the line's number.
        message: String,
    },
    /// A source names a setting that does not exist.
    #[error("unknown setting `{key}` {origin}; the nearest known one is `{nearest}`")]
    UnknownKey {
        /// The key as given.
        key: String,
        /// Where it was given.
        origin: SettingOrigin,
        /// The most similar known key or section.
        nearest: String,
    },
    /// A value has the wrong type or is out of range.
    #[error("`{key}` is {value} {origin}, but must be {expected}")]
    Invalid {
        /// The key, with its section.
        key: String,
        /// The value as given, with a password in it hidden.
        value: String,
        /// Where it was given.
        origin: SettingOrigin,
        /// Description of valid values.
        expected: String,
    },
    /// A path or an environment variable is not valid UTF-8.
    #[error("{what} is not UTF-8; settings and their paths must be")]
    NotUnicode {
        /// Description of the path or variable.
        what: String,
    },
    /// The folder of static pages cannot be served.
    #[error("`web.public_dir` is {}, but must be {expected}", path.display())]
    PublicDir {
        /// The folder as given.
        path: PathBuf,
        /// Description of valid folders.
        expected: &'static str,
    },
    /// No setting and no environment variable determines the data directory.
    #[error("neither HOME nor XDG_DATA_HOME is set: set the data directory with `server.data_dir` (--data-dir)")]
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
