//! Progress line for long-running commands.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::output::escaped;

/// A line on standard error that is overwritten in place; prints nothing unless that is a terminal.
pub struct ProgressLine {
    is_shown: bool,
    shown: Option<Instant>,
}

/// Minimum time between two updates.
const EVERY: Duration = Duration::from_millis(100);

impl ProgressLine {
    pub fn new() -> Self {
        Self { is_shown: std::io::stderr().is_terminal(), shown: None }
    }

    /// Shows an update, or drops it if the previous one is too recent.
    pub fn show(&mut self, text: &str) {
        if self.shown.is_none_or(|shown| shown.elapsed() >= EVERY) {
            self.show_now(text);
        }
    }

    /// Shows an update that must not be dropped.
    pub fn show_now(&mut self, text: &str) {
        if self.is_shown {
            self.shown = Some(Instant::now());
            // `\x1b[K` erases the rest of a longer previous line.
            let _ = write!(std::io::stderr(), "\r{}\x1b[K", escaped(text));
        }
    }

    /// Erases the line.
    pub fn end(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
