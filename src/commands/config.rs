//! `superbot config`: the settings in effect.

use clap::Subcommand;

use super::{Global, Outcome, say};

/// Show or check the settings.
#[derive(Subcommand)]
pub enum Config {
    /// Print the settings in effect, and where each comes from; secrets are hidden
    Show,
    /// Check the settings and say what is wrong with them
    Check,
}

impl Config {
    pub fn run(self, global: &Global) -> Outcome {
        let config = global.settings(Vec::new())?;
        match self {
            Self::Show => say(config.to_toml_redacted().trim_end()),
            Self::Check => say("the settings are fine"),
        }
        Ok(())
    }
}
