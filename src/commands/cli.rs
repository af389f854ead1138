//! What the commands share: the options that each of them has, and how it can fail.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::output::note;
use crate::config::{Config, LoadOptions};

/// The version, with the commit that it was built from.
pub const VERSION: &str = env!("SUPERBOT_VERSION");

/// What every command understands.
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

/// Why a command did not do what it was asked.
pub enum CommandError {
    /// It was used wrongly: exit code 2.
    Usage(String),
    /// It was tried and failed: exit code 1.
    Failed(anyhow::Error),
    /// It was done, and what it found is to be exit code 1 (`--exit-code`).
    Negative,
}

/// How a command ends.
pub type CommandResult = Result<(), CommandError>;

impl<E: Into<anyhow::Error>> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl GlobalArgs {
    /// Reads the settings for a command, and warns on standard error of another user's file.
    ///
    /// # Errors
    /// When the settings are not right.
    pub fn settings(&self, overrides: Vec<(String, String)>) -> Result<Config, CommandError> {
        let config = self.settings_to_log(overrides)?;
        if let Some(warning) = config.foreign_file() {
            note(&format!("warning: {warning}"));
        }
        Ok(config)
    }

    /// Reads the settings, with `overrides` from the command's own flags; the caller gives their warnings.
    ///
    /// # Errors
    /// When the settings are not right.
    pub fn settings_to_log(&self, overrides: Vec<(String, String)>) -> Result<Config, CommandError> {
        let mut overrides = overrides;
        if let Some(format) = &self.log_format {
            overrides.push(("log.format".to_owned(), format.clone()));
        }
        let options = LoadOptions {
            file: self.config.clone(),
            data_dir: self.data_dir.clone(),
            env: std::env::vars_os().collect(),
            overrides,
            ..LoadOptions::default()
        };
        crate::config::load(&options).map_err(|error| CommandError::Usage(error.to_string()))
    }
}

/// Where browsers find a server that listens there.
pub fn base_url(config: &Config, address: SocketAddr) -> String {
    match &config.web.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    }
}
