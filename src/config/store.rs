//! `[store]`: address of the store, and connections to it.

use std::fmt;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::problem::ConfigProblem;
use super::section::{ConfigSection, ParseSetting};
use super::show;

/// Address of the store, and connections to it.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Address; a SQLite file's path is absolute.
    pub url: StoreUrl,
    /// Maximum connections for reading.
    pub read_connections: u32,
}

impl StoreConfig {
    pub(super) fn read(section: &ConfigSection) -> Result<Self, ConfigProblem> {
        Ok(Self { url: section.text("url")?, read_connections: section.integer("read_connections", &(1..=64))? })
    }
}

/// The address of a store, `sqlite:FILE` or `postgres://...`; `Display` and `Debug` hide its password.
#[derive(Clone)]
pub struct StoreUrl(SecretString);

impl StoreUrl {
    /// Returns the address with its password, which must not be logged.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns the place for messages: the file's path, or the database's address without its password.
    pub fn place(&self) -> String {
        match self.reveal().strip_prefix("sqlite:") {
            Some(file) => std::path::absolute(file).map_or_else(|_| file.to_owned(), |path| path.display().to_string()),
            None => self.to_string(),
        }
    }

    /// Returns the file of a SQLite store.
    pub(super) fn file(&self) -> Option<&Path> {
        self.reveal().strip_prefix("sqlite:").map(Path::new)
    }
}

impl std::str::FromStr for StoreUrl {
    type Err = String;

    /// The error does not quote the text, which may contain a password.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or_else(|| format!("must be {}", Self::EXPECTED))
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&show::without_password(self.reveal()))
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl ParseSetting for StoreUrl {
    const EXPECTED: &'static str = "\"sqlite:FILE\" or \"postgres://USER:PASSWORD@HOST/DATABASE\", where @ / ? # % in the \
        password are percent-encoded (@ as %40)";

    fn parse(text: &str) -> Option<Self> {
        let sqlite = text.strip_prefix("sqlite:").is_some_and(|file| !file.is_empty());
        // libpq accepts both schemes, and hosting services use the longer one.
        let postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
        let postgres = postgres && show::is_unambiguous(text) && url::Url::parse(text).is_ok();
        (sqlite || postgres).then(|| Self(text.into()))
    }
}
