//! Settings: read once at the start, checked, and handed on as values of the right type.
//!
//! Defaults come from one embedded, commented file ([`DEFAULTS`]), which is also the list of every key there is. Over
//! them go `superbot.toml` (found as [`LoadOptions::file`] says), the environment (`SUPERBOT__SECTION__KEY`) and the
//! command line, in this order.

mod auth;
mod files;
mod layers;
mod limits;
mod listings;
mod log;
mod paths;
mod problem;
mod realtime;
mod retention;
mod section;
mod server;
mod show;
mod sources;
mod store;
mod warnings;
mod web;
mod workers;

use std::ffi::OsString;
use std::path::PathBuf;

pub use auth::{Auth, Registration};
pub use files::SystemFolders;
pub use limits::Limits;
pub use listings::Listings;
pub use log::{Log, LogFormat};
pub use problem::{ConfigError, Problem};
pub use realtime::{AllowedOrigins, Realtime};
pub use retention::Retention;
pub use server::Server;
pub use sources::{Contact, Sources};
pub use store::{Store, StoreUrl};
pub use web::{InvalidIpRange, IpRange, Web};
pub use workers::Workers;

use files::SettingsFiles;
use layers::Layers;
use section::Section;

/// The commented settings file with every key and its default.
pub const DEFAULTS: &str = include_str!("superbot.default.toml");

/// Every setting, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Listening, deadlines and where data lives.
    pub server: Server,
    /// What browsers and proxies need.
    pub web: Web,
    /// The Socket.IO server.
    pub realtime: Realtime,
    /// Which store, and how it is reached.
    pub store: Store,
    /// How long things are kept.
    pub retention: Retention,
    /// Rates and sizes.
    pub limits: Limits,
    /// Accounts and sessions.
    pub auth: Auth,
    /// How listings are read.
    pub listings: Listings,
    /// What is logged, and how.
    pub log: Log,
    /// The background workers.
    pub workers: Workers,
    /// How pages are asked for.
    pub sources: Sources,
    /// The settings as `config show` prints them; kept as text so that no secret stays behind in it.
    effective: String,
    warnings: Vec<String>,
    foreign_file: Option<String>,
}

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

/// Reads and checks every setting; on failure, says everything that is wrong at once.
pub fn load(options: &LoadOptions) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let files = SettingsFiles::find(options).unwrap_or_else(|problem| {
        problems.push(problem);
        SettingsFiles::default()
    });
    let mut layers = Layers::gather(options, &files, &mut problems);
    paths::settle(&mut layers, options, &files, &mut problems);
    match read_sections(&layers, &mut problems) {
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

/// Every section is read even after one has failed, so that all problems are reported together.
fn read_sections(layers: &Layers, problems: &mut Vec<Problem>) -> Option<Config> {
    let server = read("server", layers, problems, Server::read);
    let web = read("web", layers, problems, Web::read);
    let realtime = read("realtime", layers, problems, Realtime::read);
    let store = read("store", layers, problems, Store::read);
    let retention = read("retention", layers, problems, Retention::read);
    let limits = read("limits", layers, problems, Limits::read);
    let auth = read("auth", layers, problems, Auth::read);
    let listings = read("listings", layers, problems, Listings::read);
    let log = read("log", layers, problems, Log::read);
    let workers = read("workers", layers, problems, Workers::read);
    let sources = read("sources", layers, problems, Sources::read);
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
    layers: &Layers,
    problems: &mut Vec<Problem>,
    section: impl FnOnce(&Section) -> Result<T, Problem>,
) -> Option<T> {
    section(&Section::new(name, layers)).map_err(|problem| problems.push(problem)).ok()
}

#[cfg(test)]
mod tests;
