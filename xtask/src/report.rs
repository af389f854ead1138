//! Progress output, and a summary with the duration of each step.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Writes a line to stderr; errors are ignored, so a closed pipe does not end the run.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", line.trim_end());
}

/// Results of the steps.
#[derive(Default)]
pub(crate) struct StepReport {
    done: Vec<StepResult>,
}

struct StepResult {
    name: &'static str,
    took: Duration,
    error: Option<anyhow::Error>,
}

impl StepReport {
    /// Runs a step and records its result.
    pub(crate) fn time(&mut self, name: &'static str, run: impl FnOnce() -> Result<()>) {
        say(&format!("\n=== {name}"));
        let start = Instant::now();
        let error = run().err();
        self.done.push(StepResult { name, took: start.elapsed(), error });
    }

    /// Prints the summary; fails if any step failed.
    pub(crate) fn finish(self) -> Result<()> {
        say("\n=== summary");
        for StepResult { name, took, error } in &self.done {
            let outcome = error.as_ref().map_or("ok".to_owned(), |error| format!("FAILED: {error:#}"));
            say(&format!("{name:<10} {:>7.1} s  {outcome}", took.as_secs_f64()));
        }
        let total: Duration = self.done.iter().map(|step| step.took).sum();
        let failed = self.done.iter().filter(|step| step.error.is_some()).count();
        say(&format!("{:<10} {:>7.1} s  {} steps, {failed} failed", "total", total.as_secs_f64(), self.done.len()));
        if failed > 0 {
            bail!("the tests did not pass");
        }
        Ok(())
    }
}
