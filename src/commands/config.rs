//! `superbot config`: the effective settings.

use clap::Subcommand;

use super::cli::{CommandError, CommandResult, GlobalArgs};
use super::output::{note, say};

/// Show or check the settings.
// The doc comments of commands and their options are the texts of `--help`.
#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Print the effective settings, the file that was read, and the origin of each; secrets are hidden
    Show,
    /// Check the settings and report what is wrong with them
    Check,
}

impl ConfigCommand {
    pub fn run(self, global: &GlobalArgs) -> CommandResult {
        match self {
            Self::Show => global.settings(Vec::new())?.to_toml_redacted().trim_end().lines().for_each(say),
            Self::Check => {
                let config = global.settings_to_log(Vec::new())?;
                config.check_folders().map_err(|error| CommandError::Usage(error.to_string()))?;
                for warning in config.warnings() {
                    note(&format!("warning: {warning}"));
                }
                say("the settings are fine");
            }
        }
        Ok(())
    }
}
