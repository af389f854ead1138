//! The `superbot` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    superbot::commands::run()
}
