//! Settings: read once at the start, checked, and handed on as values of the right type.
//!
//! Defaults come from one embedded, commented file ([`DEFAULTS`]), which is also the list of every key there is. Over
//! them go `superbot.toml`, the environment (`SUPERBOT__SECTION__KEY`) and the command line, in this order.

mod auth;
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
mod web;
mod workers;

use std::path::PathBuf;

pub use auth::{Auth, Registration};
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
}

/// Where settings come from, besides the defaults.
#[derive(Debug, Clone, Default)]
pub struct LoadOptions {
    /// The settings file; without one, `superbot.toml` in the working directory, if there is one.
    pub file: Option<PathBuf>,
    /// The data directory named on the command line.
    pub data_dir: Option<PathBuf>,
    /// The process's environment. It is handed in, so that nothing else reads it.
    pub env: Vec<(String, String)>,
    /// Settings given on the command line: key (`server.listen`) and value, written as in the environment.
    pub overrides: Vec<(String, String)>,
}

/// Reads and checks every setting; on failure, says everything that is wrong at once.
pub fn load(options: &LoadOptions) -> Result<Config, ConfigError> {
    let mut problems = Vec::new();
    let mut layers = Layers::gather(options, &mut problems);
    paths::settle(&mut layers, &options.env, &mut problems);
    let config = read_sections(&layers, &mut problems);
    match config {
        Some(config) if problems.is_empty() => Ok(config),
        _ => Err(ConfigError(problems)),
    }
}

impl Config {
    /// The effective settings as a settings file: secrets hidden, and the origin noted of what is not a default.
    pub fn to_toml_redacted(&self) -> &str {
        &self.effective
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
        effective: show::effective(layers),
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
