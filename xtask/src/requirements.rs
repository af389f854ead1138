//! Detection and installation of required tools.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::checkout::{CheckoutRoot, output};
use crate::report::say;

/// A requirement of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Requirement {
    RustTools,
    Node,
    Chromium,
    /// Python, in a virtual environment with the tests' packages.
    Python,
    /// Postgres server binaries; the tests start their own servers.
    Postgres,
    /// The `sqlite3` command, with which tests create databases of other programs.
    Sqlite,
    /// The library `libfaketime`, with which tests change a process's clock.
    Faketime,
    /// The proxies that `deploy/` has configurations for, and openssl for certificates.
    Proxies,
    /// The systemd tools, whether or not systemd is running.
    Systemd,
}

/// Path of Debian's Chromium.
const CHROMIUM: &str = "/usr/bin/chromium";
/// Path of Debian's Postgres, with a folder per version.
const POSTGRES: &str = "/usr/lib/postgresql";

/// Path of the library in Debian's package `libfaketime`.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// Debian packages with their programs.
const PROXIES: [(&str, &str); 4] = [
    ("nginx", "/usr/sbin/nginx"),
    ("haproxy", "/usr/sbin/haproxy"),
    ("caddy", "/usr/bin/caddy"),
    ("openssl", "/usr/bin/openssl"),
];

/// Requirement files of the tests' Python environment.
const REQUIREMENTS: [&str; 5] = [
    "tests/clients/requirements.txt",
    "clients/python/tests/requirements.txt",
    "tests/guide/requirements.txt",
    "tests/openapi/requirements.txt",
    "tests/spelling/requirements.txt",
];

pub(crate) fn prepare(checkout: &CheckoutRoot, needed: &[Requirement]) -> Result<()> {
    let needs = |need| needed.contains(&need);
    if needs(Requirement::RustTools) {
        rust_tools(checkout)?;
    }
    if needs(Requirement::Node) {
        node(checkout)?;
    }
    let mut packages = Vec::new();
    if needs(Requirement::Chromium) && !Path::new(CHROMIUM).exists() {
        packages.push("chromium");
    }
    if needs(Requirement::Postgres) && !has_postgres(checkout) {
        packages.push("postgresql");
    }
    if needs(Requirement::Python) && output("python3", &["-c", "import ensurepip, venv"], &checkout.root).is_none() {
        packages.extend(["python3", "python3-venv"]);
    }
    if needs(Requirement::Sqlite) && output("sqlite3", &["--version"], &checkout.root).is_none() {
        packages.push("sqlite3");
    }
    if needs(Requirement::Faketime) && !Path::new(FAKETIME).exists() {
        packages.push("libfaketime");
    }
    if needs(Requirement::Proxies) {
        let missing = PROXIES.into_iter().filter(|(_, program)| !Path::new(program).exists());
        packages.extend(missing.map(|(package, _)| package));
    }
    if needs(Requirement::Systemd) && !Path::new("/usr/bin/systemd-analyze").exists() {
        packages.push("systemd");
    }
    if !packages.is_empty() {
        install(checkout, &packages)?;
    }
    if needs(Requirement::Python) {
        python(checkout)?;
    }
    Ok(())
}

/// Returns whether server binaries are installed; client packages alone do not suffice.
fn has_postgres(checkout: &CheckoutRoot) -> bool {
    let of_debian =
        std::fs::read_dir(POSTGRES).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let other = output("pg_config", &["--bindir"], &checkout.root).map(Into::into);
    of_debian.chain(other).any(|programs| programs.join("initdb").exists())
}

fn rust_tools(checkout: &CheckoutRoot) -> Result<()> {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output("cargo", &[tool, "--version"], &checkout.root).is_none() {
            say(&format!("{component} is missing; rustup installs it"));
            let added = checkout.run("", "rustup", &["component", "add", component]);
            added.with_context(|| format!("install {component} for this toolchain, then run this again"))?;
        }
    }
    Ok(())
}

fn node(checkout: &CheckoutRoot) -> Result<()> {
    let version = |program| output(program, &["--version"], &checkout.root);
    if version("node").is_none() || version("npm").is_none() {
        bail!("Node.js and npm are missing: install Node.js 20.19 or newer, then run this again");
    }
    Ok(())
}

/// Installs Debian packages, as root or through password-less sudo.
fn install(checkout: &CheckoutRoot, packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let advice = || format!("install these Debian packages, then run this again: {list}");
    say(&format!("this machine lacks {list}; apt-get installs them"));
    let is_root = output("id", &["-u"], &checkout.root).as_deref() == Some("0");
    let apt: &[&str] = if is_root { &["env"] } else { &["sudo", "--non-interactive", "env"] };
    let apt_get = |args: &[&str]| {
        let words = [apt, &["DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat();
        let (program, args) = words.split_first().context("the command has a program")?;
        checkout.run("", program, args)
    };
    apt_get(&["update"]).with_context(advice)?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat()).with_context(advice)
}

/// Creates or updates the tests' Python environment.
fn python(checkout: &CheckoutRoot) -> Result<()> {
    let mut wanted = String::new();
    for file in REQUIREMENTS {
        let text = std::fs::read_to_string(checkout.root.join(file)).with_context(|| format!("cannot read {file}"))?;
        wanted.push_str(&text);
    }
    let folder = checkout.target.join("xtask/python");
    let installed = folder.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say("making the Python environment of the tests");
    checkout.run("", "python3", &["-m", "venv", "--clear", &folder.to_string_lossy()])?;
    let python = checkout.python();
    let files = REQUIREMENTS.into_iter().flat_map(|file| ["--requirement", file]);
    let args: Vec<&str> = ["-m", "pip", "install", "--quiet"].into_iter().chain(files).collect();
    checkout.run("", &python.to_string_lossy(), &args)?;
    std::fs::write(&installed, wanted).context("cannot note what was installed")
}
