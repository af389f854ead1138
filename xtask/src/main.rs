#![doc = include_str!("../README.md")]

mod bench;
mod checkout;
mod cldr;
mod report;
mod requirements;
mod steps;

use std::process::ExitCode;

use anyhow::{Result, bail};

use checkout::CheckoutRoot;
use report::say;
use steps::{STEPS, TestStep};

const USAGE: &str = "\
usage: cargo xtask test [--fast | STEP...]
       cargo xtask bench realtime|nodes [OPTION...]
       cargo xtask cldr

  test         run every step below, in this order, after installing what the machine lacks
  test --fast  only the steps marked with *
  test STEP... only the steps named
  bench        compare the real-time server with its peers, for an hour or more, or several servers over one store with one;
               see bench/README.md
  cldr         write the price reader's tables of currencies, multipliers and periods from CLDR, and amounts for its tests
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["test", wanted @ ..] => choose(wanted).and_then(|steps| test(&steps)),
        ["bench", options @ ..] => bench::bench(options),
        ["cldr"] => cldr::generate(),
        ["help" | "--help" | "-h"] => {
            say(&usage());
            Ok(())
        }
        _ => Err(anyhow::anyhow!(usage())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let steps = STEPS.iter().map(|step| {
        let mark = if step.fast { '*' } else { ' ' };
        format!("  {mark} {:<10} {}\n", step.name, step.about)
    });
    format!("{USAGE}\nsteps:\n{}", steps.collect::<String>())
}

/// Selects steps: all, the fast ones, or the named ones; always in the defined order.
fn choose(wanted: &[&str]) -> Result<Vec<&'static TestStep>> {
    if let Some(unknown) = wanted.iter().find(|name| **name != "--fast" && STEPS.iter().all(|step| step.name != **name))
    {
        bail!("there is no step `{unknown}`\n\n{}", usage());
    }
    let fast = wanted.contains(&"--fast");
    let chosen = |step: &&TestStep| wanted.is_empty() || (fast && step.fast) || wanted.contains(&step.name);
    Ok(STEPS.iter().filter(chosen).collect())
}

/// Runs all steps even if one fails: a run takes long and should report everything.
fn test(steps: &[&'static TestStep]) -> Result<()> {
    let checkout = CheckoutRoot::find()?;
    let needed: Vec<_> = steps.iter().flat_map(|step| step.needs).copied().collect();
    requirements::prepare(&checkout, &needed)?;
    let mut report = report::StepReport::default();
    for step in steps {
        report.time(step.name, || (step.run)(&checkout));
    }
    report.finish()
}
