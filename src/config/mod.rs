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

pub use auth::{Auth, Registration};
pub use layers::DEFAULTS;
pub use limits::Limits;
pub use listings::{Listings, RecurringPrice};
pub use log::{Log, LogFormat};
pub use options::{LoadOptions, SystemFolders};
pub use problem::{ConfigError, Problem};
pub use realtime::{AllowedOrigins, Realtime};
pub use retention::Retention;
pub use server::Server;
pub use settings::Config;
pub use sources::{Contact, Sources};
pub use store::{Store, StoreUrl};
pub use web::{InvalidIpRange, IpRange, Web};
pub use workers::Workers;

use files::SettingsFiles;
use layers::Layers;
use section::Section;

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
