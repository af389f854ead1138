//! Says what is going on, and in the end how long each step took.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Writes one line for people. A reader who has gone away is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", line.trim_end());
}

/// The steps that were run.
#[derive(Default)]
pub(crate) struct Report {
    done: Vec<Done>,
}

struct Done {
    name: &'static str,
    took: Duration,
    error: Option<anyhow::Error>,
}

impl Report {
    /// Runs one step and remembers how it went; true if it passed.
    pub(crate) fn time(&mut self, name: &'static str, run: impl FnOnce() -> Result<()>) -> bool {
        say(&format!("\n=== {name}"));
        let start = Instant::now();
        let error = run().err();
        self.done.push(Done { name, took: start.elapsed(), error });
        self.done.iter().all(|step| step.error.is_none())
    }

    /// Prints the summary; an error if any of the steps wanted failed or was not run.
    pub(crate) fn finish(self, wanted: &[&str]) -> Result<()> {
        say("\n=== summary");
        let mut passed = 0;
        for name in wanted {
            let step = self.done.iter().find(|step| step.name == *name);
            let (seconds, outcome) = match step {
                None => (String::new(), "not run".to_owned()),
                Some(Done { took, error, .. }) => {
                    passed += usize::from(error.is_none());
                    let outcome = error.as_ref().map_or("ok".to_owned(), |error| format!("FAILED: {error:#}"));
                    (format!("{:.1} s", took.as_secs_f64()), outcome)
                }
            };
            say(&format!("{name:<10} {seconds:>9}  {outcome}"));
        }
        let total: Duration = self.done.iter().map(|step| step.took).sum();
        say(&format!("{:<10} {:>7.1} s  {passed} of {} passed", "total", total.as_secs_f64(), wanted.len()));
        if passed < wanted.len() {
            bail!("the tests did not pass");
        }
        Ok(())
    }
}
