//! `cargo xtask cldr`: writes the tables of the price reader from CLDR, as the package Babel has it.

use anyhow::{Context, Result};

use crate::checkout::CheckoutRoot;

/// What the script writes: the tables, and amounts as Babel formats them for the tests.
const TABLES: &str = "crates/domain/src/price/cldr.tsv";
const AMOUNTS: &str = "crates/domain/tests/prices/cldr_amounts.tsv";

/// Installs the version of Babel that is pinned in `xtask/cldr`, and runs the script there.
pub(crate) fn generate() -> Result<()> {
    let checkout = CheckoutRoot::find()?;
    let folder = checkout.target.join("xtask/cldr");
    checkout
        .run("", "python3", &["-m", "venv", "--clear", &folder.to_string_lossy()])
        .context("Python 3 with venv is needed")?;
    let python = folder.join("bin/python");
    let python = python.to_string_lossy();
    checkout.run("", &python, &["-m", "pip", "install", "--quiet", "--requirement", "xtask/cldr/requirements.txt"])?;
    checkout.run("", &python, &["xtask/cldr/generate.py", TABLES, AMOUNTS])
}
