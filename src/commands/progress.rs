//! The line on a terminal that says how far long work is.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::output::escaped;

/// One line of standard error, written again and again; nothing where that is no terminal.
pub struct ProgressLine {
    is_shown: bool,
    shown: Option<Instant>,
}

/// How often it changes.
const EVERY: Duration = Duration::from_millis(100);

impl ProgressLine {
    pub fn new() -> Self {
        Self { is_shown: std::io::stderr().is_terminal(), shown: None }
    }

    /// Shows one of many that follow each other quickly, of which some are left out.
    pub fn show(&mut self, text: &str) {
        if self.shown.is_none_or(|shown| shown.elapsed() >= EVERY) {
            self.show_now(text);
        }
    }

    /// Shows what is not to be left out.
    pub fn show_now(&mut self, text: &str) {
        if self.is_shown {
            self.shown = Some(Instant::now());
            // The end of the line is what is left of a longer one.
            let _ = write!(std::io::stderr(), "\r{}\x1b[K", escaped(text));
        }
    }

    /// Leaves no half line behind.
    pub fn end(&mut self) {
        if self.shown.take().is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}
