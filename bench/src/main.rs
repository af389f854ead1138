//! Compares Super-Bot's real-time server with other servers, and with the limit of the machine.
//!
//! `cargo xtask bench realtime` builds and runs it; README.md explains the results.

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod clock;
mod figures;
mod fleet;
mod http;
mod limit;
mod machine;
mod nodes;
mod orders;
mod peers;
mod realtime;
mod report;
mod scenarios;
mod tally;
mod wire;
mod worker;

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures real-time servers.
#[derive(Parser)]
#[command(name = "superbot-bench", max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compare real-time servers on this machine
    Realtime(realtime::Realtime),
    /// Measure several servers over one store
    Nodes(nodes::Nodes),
    /// Serve as the limit that the others are compared with
    #[command(hide = true)]
    Limit {
        /// Where to listen
        #[arg(long, default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
    /// Generate load as ordered on standard input
    #[command(hide = true)]
    Worker,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Realtime(realtime) => realtime.run(),
        Command::Nodes(nodes) => nodes.run(),
        Command::Limit { listen } => limit::serve(listen),
        Command::Worker => worker::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to stderr, ignoring errors.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
