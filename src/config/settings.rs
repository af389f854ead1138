//! The validated settings.

use super::auth::AuthConfig;
use super::limits::LimitsConfig;
use super::listings::ListingsConfig;
use super::log::LogConfig;
use super::paths;
use super::problem::ConfigError;
use super::realtime::RealtimeConfig;
use super::retention::RetentionConfig;
use super::server::ServerConfig;
use super::sources::SourcesConfig;
use super::store::{StoreConfig, StoreUrl};
use super::web::WebConfig;
use super::workers::WorkersConfig;

/// All settings, validated.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listening address, deadlines, and the data directory.
    pub server: ServerConfig,
    /// Public URL, proxies, and static pages.
    pub web: WebConfig,
    /// The Socket.IO server and event streams.
    pub realtime: RealtimeConfig,
    /// Address and connections of the store.
    pub store: StoreConfig,
    /// How long data is kept.
    pub retention: RetentionConfig,
    /// Limits of rates, sizes and numbers.
    pub limits: LimitsConfig,
    /// Accounts and sessions.
    pub auth: AuthConfig,
    /// Interpretation and matching of listings.
    pub listings: ListingsConfig,
    /// Level and format of the log.
    pub log: LogConfig,
    /// Background workers.
    pub workers: WorkersConfig,
    /// How sources fetch pages.
    pub sources: SourcesConfig,
    /// The settings as `config show` prints them; rendered early, so that no secrets have to be kept for it.
    pub(super) effective: String,
    pub(super) warnings: Vec<String>,
    pub(super) foreign_file: Option<String>,
}

impl Config {
    /// Checks the configured folders; only needed for serving.
    ///
    /// # Errors
    /// When `web.public_dir` does not exist, or contains the store.
    pub fn check_folders(&self) -> Result<(), ConfigError> {
        let checked = self.web.check_public_dir(&self.server.data_dir, self.store.url.file());
        checked.map_err(|problem| ConfigError(vec![problem]))
    }

    /// Returns the effective settings in TOML, with secrets hidden and the origin of each non-default value.
    pub fn to_toml_redacted(&self) -> &str {
        &self.effective
    }

    /// Returns warnings about settings that are valid, but disable a protection or are probably a mistake.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Returns the warning that root reads another user's settings file; one of [`Config::warnings`], which every command
    /// prints.
    pub fn foreign_file(&self) -> Option<&str> {
        self.foreign_file.as_deref()
    }

    /// Parses the address of another store, whose file is relative to the data directory, like that of `store.url`.
    ///
    /// # Errors
    /// A description of valid addresses.
    pub fn store_url(&self, text: &str) -> Result<StoreUrl, String> {
        let data_dir = self.server.data_dir.to_string_lossy();
        paths::absolute_store(text, &data_dir).as_deref().unwrap_or(text).parse()
    }
}
