//! Settings, which are read and validated once at startup.
//!
//! Defaults come from one embedded, commented file ([`DEFAULTS`]), which lists every key. They are overridden by
//! `superbot.toml` (located as [`LoadOptions::file`] describes), the environment (`SUPERBOT__SECTION__KEY`) and the command
//! line, in this order.

mod auth;
mod files;
mod layers;
mod limits;
mod listings;
mod log;
mod options;
mod origin;
mod paths;
mod problem;
mod realtime;
mod retention;
mod section;
mod server;
mod settings;
mod show;
mod sources;
mod store;
mod warnings;
mod web;
mod workers;

pub use auth::{AuthConfig, RegistrationPolicy};
pub use layers::DEFAULTS;
pub use limits::LimitsConfig;
pub use listings::ListingsConfig;
pub use log::{LogConfig, LogFormat};
pub use options::{LoadOptions, SystemFolders};
pub use problem::{ConfigError, ConfigProblem};
pub use realtime::{AllowedOrigins, RealtimeConfig};
pub use retention::RetentionConfig;
pub use server::ServerConfig;
pub use settings::Config;
pub use sources::{ContactAddress, SourcesConfig};
pub use store::{StoreConfig, StoreUrl};
pub use web::{InvalidIpRange, IpRange, WebConfig};
pub use workers::WorkersConfig;

use files::SettingsFiles;
use layers::ConfigLayers;
use section::ConfigSection;

/// Reads and validates all settings; an error lists everything that is wrong.
pub fn load(options: &LoadOptions) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let files = SettingsFiles::find(options).unwrap_or_else(|problem| {
        problems.push(problem);
        SettingsFiles::default()
    });
    // Continues after an error, so that all problems are reported at once.
    let mut layers = ConfigLayers::gather(options, &files, &mut problems);
    paths::settle(&mut layers, options, &files, &mut problems);
    match read_sections(&layers, &mut problems) {
        // All sections may be readable although there are problems, such as unknown keys.
        Some(mut config) if problems.is_empty() => {
            config.effective = show::effective(&layers, options, &files);
            config.warnings = warnings::of(&config, &layers.near_misses(options));
            config.warnings.extend(files.foreign.clone());
            config.foreign_file = files.foreign;
            Ok(config)
        }
        _ => Err(ConfigError(problems)),
    }
}

/// Reads every section, even after one has failed, so that all problems are reported together.
fn read_sections(layers: &ConfigLayers, problems: &mut Vec<ConfigProblem>) -> Option<Config> {
    let server = read("server", layers, problems, ServerConfig::read);
    let web = read("web", layers, problems, WebConfig::read);
    let realtime = read("realtime", layers, problems, RealtimeConfig::read);
    let store = read("store", layers, problems, StoreConfig::read);
    let retention = read("retention", layers, problems, RetentionConfig::read);
    let limits = read("limits", layers, problems, LimitsConfig::read);
    let auth = read("auth", layers, problems, AuthConfig::read);
    let listings = read("listings", layers, problems, ListingsConfig::read);
    let log = read("log", layers, problems, LogConfig::read);
    let workers = read("workers", layers, problems, WorkersConfig::read);
    let sources = read("sources", layers, problems, SourcesConfig::read);
    Some(Config {
        server: server?,
        web: web?,
        realtime: realtime?,
        store: store?,
        retention: retention?,
        limits: limits?,
        auth: auth?,
        listings: listings?,
        log: log?,
        workers: workers?,
        sources: sources?,
        effective: String::new(),
        warnings: Vec::new(),
        foreign_file: None,
    })
}

fn read<T>(
    name: &'static str,
    layers: &ConfigLayers,
    problems: &mut Vec<ConfigProblem>,
    section: impl FnOnce(&ConfigSection) -> Result<T, ConfigProblem>,
) -> Option<T> {
    section(&ConfigSection::new(name, layers)).map_err(|problem| problems.push(problem)).ok()
}

#[cfg(test)]
mod tests;
