//! The command line: one enum, one arm for each command.

mod client;
mod config;
mod demo;
mod import;
mod progress;
mod publish;
mod query;
mod serve;
mod source;
mod store;
mod systemd;
mod token;
mod user;
mod worker;

use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use superbot_domain::SystemClock;
use superbot_store::Store;

use crate::app;
use crate::config::{Config, LoadOptions};
use crate::http::other_threads;

/// Watches marketplaces and tells people the moment something they want appears.
///
/// Without a command it serves: web pages, API, live updates and workers, on 127.0.0.1:5000.
#[derive(Parser)]
#[command(name = "superbot", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What every command understands.
#[derive(Args, Clone)]
struct Global {
    /// The settings file; `superbot.toml` here, if there is one
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder that holds the store and everything else that must last
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// How log lines are written: `text` or `json`
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["text", "json"])]
    log_format: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve everything (the default)
    Serve(serve::Serve),
    /// Run a worker as a process of its own, on the same store as `serve --no-workers`
    Worker(worker::Worker),
    /// Publish listings, notifications, scraper status or system messages to a running server
    Publish(publish::Publish),
    /// Show who is connected to a running server
    ConnectedUsers(publish::ConnectedUsers),
    /// Make, list and disable users, and let them choose new passwords
    #[command(subcommand)]
    User(user::User),
    /// Make, list and revoke API tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Say what keywords and prices are understood to mean, and why
    #[command(subcommand)]
    Query(query::Query),
    /// Watch over the places that listings are read from, and say what adapters make of pages
    #[command(subcommand)]
    Source(source::Source),
    /// Take over the database of the Python Super-Bot
    Import(import::Import),
    /// Move the whole store, back it up, restore it
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Show or check the settings
    #[command(subcommand)]
    Config(config::Config),
}

/// Why a command did not do what it was asked.
enum Failure {
    /// It was used wrongly: exit code 2.
    Usage(String),
    /// It was tried and failed: exit code 1.
    Failed(anyhow::Error),
}

type Outcome = Result<(), Failure>;

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.worker_threads(other_threads().get()).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(Failure::Failed(error.into())),
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(failure),
    }
}

async fn dispatch(cli: Cli) -> Outcome {
    let global = cli.global;
    match cli.command.unwrap_or_else(|| Command::Serve(serve::Serve::default())) {
        Command::Serve(command) => command.run(&global).await,
        Command::Worker(command) => command.run(&global).await,
        Command::Publish(command) => command.run().await,
        Command::ConnectedUsers(command) => command.run().await,
        Command::User(command) => command.run(&global).await,
        Command::Token(command) => command.run(&global).await,
        Command::Query(command) => command.run(),
        Command::Source(command) => command.run(&global).await,
        Command::Import(command) => command.run(&global).await,
        Command::Store(command) => command.run(&global).await,
        Command::Config(command) => command.run(&global),
    }
}

fn report(failure: Failure) -> ExitCode {
    let (text, code) = match failure {
        Failure::Usage(text) => (text, 2),
        Failure::Failed(error) => (format!("{error:#}"), 1),
    };
    complain(&format!("error: {text}"));
    ExitCode::from(code)
}

/// Prints a result. A reader that went away is no failure of ours.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Prints what is no result.
fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

impl Global {
    /// Reads the settings, with `overrides` from the command's own flags.
    fn settings(&self, overrides: Vec<(String, String)>) -> Result<Config, Failure> {
        let mut overrides = overrides;
        if let Some(format) = &self.log_format {
            overrides.push(("log.format".to_owned(), format.clone()));
        }
        let options = LoadOptions {
            file: self.config.clone(),
            data_dir: self.data_dir.clone(),
            env: std::env::vars_os()
                .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
            overrides,
        };
        crate::config::load(&options).map_err(|error| Failure::Usage(error.to_string()))
    }

    /// Opens the store for a command of its own, beside a server that may be running.
    async fn store(&self) -> Result<Store, Failure> {
        let config = self.settings(Vec::new())?;
        Ok(app::open_store(&config, Arc::new(SystemClock)).await?)
    }
}

/// Where browsers find a server that listens there.
fn base_url(config: &Config, address: SocketAddr) -> String {
    match &config.web.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{address}"),
    }
}

/// Reads a password: prompted for on a terminal, else the first line of standard input.
fn read_password() -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        complain("Type the password (it is shown), then Enter:");
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        return Err(Failure::Usage("no password came on standard input".to_owned()));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn verify_cli() {
        Cli::command().debug_assert();
    }
}
