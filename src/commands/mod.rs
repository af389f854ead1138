//! The command line: one enum with one variant per command.

mod announcement;
mod arenas;
mod cli;
mod client;
mod config;
mod demo;
mod health;
mod import;
mod listing;
mod output;
mod password;
mod progress;
mod publish;
mod query;
mod serve;
mod source;
mod source_kinds;
mod store;
mod store_access;
mod systemd;
mod token;
mod user;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use self::cli::{CommandError, CommandResult, GlobalArgs, VERSION};
use self::output::note;
use crate::http::other_threads;

/// Watches marketplaces and notifies people the moment something they want appears.
///
/// Without a command it serves: web pages, API, live updates and workers, on 127.0.0.1:5000.
#[derive(Parser)]
#[command(name = "superbot", version = VERSION, max_term_width = 100)]
struct CommandLine {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(flatten, next_help_heading = "Options of serve, which is the default")]
    serve: serve::ServeArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

// The doc comments are the texts of `--help`.
#[derive(Subcommand)]
enum Command {
    /// Serve everything (the default)
    Serve(serve::ServeArgs),
    /// Run a worker as a separate process, on the same store as `serve --no-workers`
    Worker(worker::WorkerArgs),
    /// Publish listings, notifications, scraper status or system messages to a running server
    Publish(publish::PublishArgs),
    /// Show who is connected to a running server
    ConnectedUsers(publish::ConnectedUsersArgs),
    /// Create, list and disable users, and reset their passwords
    #[command(subcommand)]
    User(user::UserCommand),
    /// Create, list and revoke API tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Explain how keywords and prices are interpreted
    #[command(subcommand)]
    Query(query::QueryCommand),
    /// Manage the sources that listings are read from, and test adapters on saved pages
    #[command(subcommand)]
    Source(source::SourceCommand),
    /// Remove listings
    #[command(subcommand)]
    Listing(listing::ListingCommand),
    /// Check whether a running server is ready
    Health(health::HealthArgs),
    /// Import the database of the Python Super-Bot
    Import(import::ImportArgs),
    /// Copy, back up and restore the whole store
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Show or check the settings
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// Runs the command given by the arguments of the process.
pub fn run() -> ExitCode {
    let cli = CommandLine::parse();
    // Only long-running processes gain from it, and executing the program again takes a few milliseconds.
    if matches!(cli.command, None | Some(Command::Serve(_) | Command::Worker(_))) {
        arenas::bound();
    }
    // For half of the processors; the threads of WebSockets have the other half.
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = match builder.worker_threads(other_threads().get()).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(CommandError::Failed(error.into())),
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(failure),
    }
}

async fn dispatch(cli: CommandLine) -> CommandResult {
    let global = cli.global;
    let serve = cli.serve;
    if cli.command.is_some() && serve.is_given() {
        let advice =
            "--listen, --no-workers and --demo are options of serve; write them after it, or without a command";
        return Err(CommandError::Usage(advice.to_owned()));
    }
    match cli.command.unwrap_or(Command::Serve(serve)) {
        Command::Serve(command) => command.run(&global).await,
        Command::Worker(command) => command.run(&global).await,
        Command::Publish(command) => command.run().await,
        Command::ConnectedUsers(command) => command.run().await,
        Command::User(command) => command.run(&global).await,
        Command::Token(command) => command.run(&global).await,
        Command::Query(command) => command.run(),
        Command::Source(command) => command.run(&global).await,
        Command::Listing(command) => command.run(&global).await,
        Command::Health(command) => command.run(&global).await,
        Command::Import(command) => command.run(&global).await,
        Command::Store(command) => command.run(&global).await,
        Command::Config(command) => command.run(&global),
    }
}

fn report(failure: CommandError) -> ExitCode {
    match failure {
        // Invalid settings are reported as one line each.
        CommandError::Usage(text) => {
            format!("error: {text}").lines().for_each(note);
            ExitCode::from(2)
        }
        CommandError::Failed(error) => {
            note(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
        CommandError::Negative => ExitCode::FAILURE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn verify_cli() {
        CommandLine::command().debug_assert();
    }
}
