//! The settings as values of the right type.

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

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listening, deadlines and where data lives.
    pub server: ServerConfig,
    /// What browsers and proxies need.
    pub web: WebConfig,
    /// The Socket.IO server.
    pub realtime: RealtimeConfig,
    /// Which store, and how it is reached.
    pub store: StoreConfig,
    /// How long things are kept.
    pub retention: RetentionConfig,
    /// Rates and sizes.
    pub limits: LimitsConfig,
    /// Accounts and sessions.
    pub auth: AuthConfig,
    /// How listings are read.
    pub listings: ListingsConfig,
    /// What is logged, and how.
    pub log: LogConfig,
    /// The background workers.
    pub workers: WorkersConfig,
    /// How pages are asked for.
    pub sources: SourcesConfig,
    /// The settings as `config show` prints them; kept as text so that no secret stays behind in it.
    pub(super) effective: String,
    pub(super) warnings: Vec<String>,
    pub(super) foreign_file: Option<String>,
}

impl Config {
    /// Checks the folders that the settings name. Commands that serve nothing can do without.
    ///
    /// # Errors
    /// When `web.public_dir` does not exist or contains the store.
    pub fn check_folders(&self) -> Result<(), ConfigError> {
        let checked = self.web.check_public_dir(&self.server.data_dir, self.store.url.file());
        checked.map_err(|problem| ConfigError(vec![problem]))
    }

    /// The effective settings as a settings file: secrets hidden, and the origin noted of what is not a default.
    pub fn to_toml_redacted(&self) -> &str {
        &self.effective
    }

    /// What is allowed, but switches a protection off or is probably not meant.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// A warning where root reads another user's settings file; one of [`Config::warnings`], which every command gives.
    pub fn foreign_file(&self) -> Option<&str> {
        self.foreign_file.as_deref()
    }

    /// The address of another store, whose file is meant from the data directory as that of `store.url` is.
    ///
    /// # Errors
    /// What an address must be.
    pub fn store_url(&self, text: &str) -> Result<StoreUrl, String> {
        let data_dir = self.server.data_dir.to_string_lossy();
        paths::absolute_store(text, &data_dir).as_deref().unwrap_or(text).parse()
    }
}
