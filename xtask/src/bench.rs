//! `cargo xtask bench`: builds release binaries and runs the benchmarks.

use anyhow::{Result, bail};

use crate::shop::{Shop, run};

/// Runs a benchmark; further arguments are passed to the benchmark program.
pub(crate) fn bench(args: &[&str]) -> Result<()> {
    let shop = Shop::find()?;
    let [what @ ("realtime" | "nodes"), options @ ..] = args else {
        bail!("usage: cargo xtask bench realtime|nodes [OPTION...]; --help lists the options");
    };
    // Built like release packages, with the same features only.
    let build = |folder: &str, package: &str| {
        let args = ["build", "--profile", "dist", "--locked", "--quiet", "--package", package, "--bins"];
        shop.run(folder, "cargo", &args)
    };
    build("bench", "superbot-bench")?;
    let wants_help = options.iter().any(|option| ["--help", "-h"].contains(option));
    if !wants_help {
        build("", "superbot")?;
    }
    let programs = shop.target.join("dist");
    let mut command = shop.command("", &programs.join("superbot-bench").to_string_lossy(), &[what]);
    command.arg("--superbot").arg(programs.join("superbot"));
    command.arg("--peers-dir").arg(shop.root.join("bench/peers"));
    command.arg("--work-dir").arg(shop.target.join("bench"));
    command.args(options);
    run(command)
}
