//! Detection and installation of required tools.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::report::say;
use crate::shop::{Shop, output};

/// A requirement of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
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
const REQUIREMENTS: [&str; 4] = [
    "tests/clients/requirements.txt",
    "clients/python/tests/requirements.txt",
    "tests/guide/requirements.txt",
    "tests/openapi/requirements.txt",
];

pub(crate) fn prepare(shop: &Shop, needed: &[Need]) -> Result<()> {
    let needs = |need| needed.contains(&need);
    if needs(Need::RustTools) {
        rust_tools(shop)?;
    }
    if needs(Need::Node) {
        node(shop)?;
    }
    let mut packages = Vec::new();
    if needs(Need::Chromium) && !Path::new(CHROMIUM).exists() {
        packages.push("chromium");
    }
    if needs(Need::Postgres) && !has_postgres(shop) {
        packages.push("postgresql");
    }
    if needs(Need::Python) && output("python3", &["-c", "import ensurepip, venv"], &shop.root).is_none() {
        packages.extend(["python3", "python3-venv"]);
    }
    if needs(Need::Sqlite) && output("sqlite3", &["--version"], &shop.root).is_none() {
        packages.push("sqlite3");
    }
    if needs(Need::Faketime) && !Path::new(FAKETIME).exists() {
        packages.push("libfaketime");
    }
    if needs(Need::Proxies) {
        let missing = PROXIES.into_iter().filter(|(_, program)| !Path::new(program).exists());
        packages.extend(missing.map(|(package, _)| package));
    }
    if needs(Need::Systemd) && !Path::new("/usr/bin/systemd-analyze").exists() {
        packages.push("systemd");
    }
    if !packages.is_empty() {
        install(shop, &packages)?;
    }
    if needs(Need::Python) {
        python(shop)?;
    }
    Ok(())
}

/// Returns whether server binaries are installed; client packages alone do not suffice.
fn has_postgres(shop: &Shop) -> bool {
    let of_debian =
        std::fs::read_dir(POSTGRES).into_iter().flatten().flatten().map(|version| version.path().join("bin"));
    let other = output("pg_config", &["--bindir"], &shop.root).map(Into::into);
    of_debian.chain(other).any(|programs| programs.join("initdb").exists())
}

fn rust_tools(shop: &Shop) -> Result<()> {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output("cargo", &[tool, "--version"], &shop.root).is_none() {
            say(&format!("{component} is missing; rustup installs it"));
            let added = shop.run("", "rustup", &["component", "add", component]);
            added.with_context(|| format!("install {component} for this toolchain, then run this again"))?;
        }
    }
    Ok(())
}

fn node(shop: &Shop) -> Result<()> {
    let version = |program| output(program, &["--version"], &shop.root);
    if version("node").is_none() || version("npm").is_none() {
        bail!("Node.js and npm are missing: install Node.js 20.19 or newer, then run this again");
    }
    Ok(())
}

/// Installs Debian packages, as root or through password-less sudo.
fn install(shop: &Shop, packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let advice = || format!("install these Debian packages, then run this again: {list}");
    say(&format!("this machine lacks {list}; apt-get installs them"));
    let is_root = output("id", &["-u"], &shop.root).as_deref() == Some("0");
    let apt: &[&str] = if is_root { &["env"] } else { &["sudo", "--non-interactive", "env"] };
    let apt_get = |args: &[&str]| {
        let words = [apt, &["DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat();
        let (program, args) = words.split_first().context("the command has a program")?;
        shop.run("", program, args)
    };
    apt_get(&["update"]).with_context(advice)?;
    apt_get(&[&["install", "--yes", "--no-install-recommends"], packages].concat()).with_context(advice)
}

/// Creates or updates the tests' Python environment.
fn python(shop: &Shop) -> Result<()> {
    let mut wanted = String::new();
    for file in REQUIREMENTS {
        let text = std::fs::read_to_string(shop.root.join(file)).with_context(|| format!("cannot read {file}"))?;
        wanted.push_str(&text);
    }
    let folder = shop.target.join("xtask/python");
    let installed = folder.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say("making the Python environment of the tests");
    shop.run("", "python3", &["-m", "venv", "--clear", &folder.to_string_lossy()])?;
    let python = shop.python();
    let files = REQUIREMENTS.into_iter().flat_map(|file| ["--requirement", file]);
    let args: Vec<&str> = ["-m", "pip", "install", "--quiet"].into_iter().chain(files).collect();
    shop.run("", &python.to_string_lossy(), &args)?;
    std::fs::write(&installed, wanted).context("cannot note what was installed")
}
