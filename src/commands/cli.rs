//! Shared parts of the commands: global options and failures.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::output::note;
use crate::config::{Config, LoadOptions};

/// The version, with the commit that the program was built from.
pub const VERSION: &str = env!("SUPERBOT_VERSION");

/// Options of every command.
#[derive(Args, Clone)]
pub struct GlobalArgs {
    /// The settings file. Without it: superbot.toml in this folder, else in ~/.config/superbot, else in /etc/superbot
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder that holds the store and everything else that must last
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// How log lines are written: `text` or `json`
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["text", "json"])]
    pub log_format: Option<String>,
}

/// Why a command did not succeed.
pub enum CommandError {
    /// Wrong usage or settings: exit code 2.
    Usage(String),
    /// The operation failed: exit code 1.
    Failed(anyhow::Error),
    /// The operation succeeded, and `--exit-code` maps its negative result to exit code 1.
    Negative,
}
pub type CommandResult = Result<(), CommandError>;

impl<E: Into<anyhow::Error>> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl GlobalArgs {
    /// Loads the settings, printing their warning about a file of another user to standard error.
    ///
    /// # Errors
    /// When the settings are invalid.
    pub fn settings(&self, overrides: Vec<(String, String)>) -> Result<Config, CommandError> {
        let config = self.settings_to_log(overrides)?;
        if let Some(warning) = config.foreign_file() {
            note(&format!("warning: {warning}"));
        }
        Ok(config)
    }

    /// Loads the settings, with `overrides` from the command's own flags; the caller reports warnings.
    ///
    /// # Errors
    /// When the settings are invalid.
    pub fn settings_to_log(&self, overrides: Vec<(String, String)>) -> Result<Config, CommandError> {
        let mut overrides = overrides;
        if let Some(format) = &self.log_format {
            overrides.push(("log.format".to_owned(), format.clone()));
        }
        let options = LoadOptions {
            file: self.config.clone(),
            data_dir: self.data_dir.clone(),
            // Only commands read the environment; everything else receives it as a value.
            env: std::env::vars_os().collect(),
            overrides,
            ..LoadOptions::default()
        };
        crate::config::load(&options).map_err(|error| CommandError::Usage(error.to_string()))
    }
}

/// Returns the base URL for browsers, without a trailing slash: the public one, if configured.
pub fn base_url(config: &Config, address: SocketAddr) -> String {
    match &config.web.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    }
}
