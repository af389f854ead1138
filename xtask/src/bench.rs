//! `cargo xtask bench`: builds what is to be measured as its users get it, and measures it.

use anyhow::{Result, bail};

use crate::checkout::{CheckoutRoot, run};

/// Measures; everything after the name goes to the program that does it.
pub(crate) fn bench(args: &[&str]) -> Result<()> {
    let checkout = CheckoutRoot::find()?;
    let [what @ ("realtime" | "nodes"), options @ ..] = args else {
        bail!("usage: cargo xtask bench realtime|nodes [OPTION...]; --help lists the options");
    };
    // What is measured is built as packages are, with their features and no more.
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
