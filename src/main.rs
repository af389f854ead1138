//! The `superbot` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    superbot::commands::run()
}
