//! `cargo xtask bench`: builds release binaries and runs the benchmarks.

use anyhow::{Result, bail};

use crate::checkout::{CheckoutRoot, run};

/// Runs a benchmark; further arguments are passed to the benchmark program.
pub(crate) fn bench(args: &[&str]) -> Result<()> {
    let checkout = CheckoutRoot::find()?;
    let [what @ ("realtime" | "nodes"), options @ ..] = args else {
        bail!("usage: cargo xtask bench realtime|nodes [OPTION...]; --help lists the options");
    };
    // Built like release packages, with the same features only.
    let build = |folder: &str, package: &str| {
        let args = ["build", "--profile", "dist", "--locked", "--quiet", "--package", package, "--bins"];
        checkout.run(folder, "cargo", &args)
    };
    build("bench", "superbot-bench")?;
    let wants_help = options.iter().any(|option| ["--help", "-h"].contains(option));
    if !wants_help {
        build("", "superbot")?;
    }
    let programs = checkout.target.join("dist");
    let mut command = checkout.command("", &programs.join("superbot-bench").to_string_lossy(), &[what]);
    command.arg("--superbot").arg(programs.join("superbot"));
    command.arg("--peers-dir").arg(checkout.root.join("bench/peers"));
    command.arg("--work-dir").arg(checkout.target.join("bench"));
    command.args(options);
    run(command)
}
