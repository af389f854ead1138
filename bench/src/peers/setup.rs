//! Prepares the servers: builds and installs what each needs, outside the source tree.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::{Kind, Peer, Places, RUN};
use crate::say;

/// Locks the working folder while the returned file is open, and removes the remains of killed runs.
pub fn claim(work: &Path) -> Result<File> {
    fs::create_dir_all(work)?;
    let lock = File::create(work.join("lock"))?;
    lock.try_lock().with_context(|| format!("another run is under way in {}", work.display()))?;
    for entry in fs::read_dir(work)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(RUN) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(lock)
}

/// Prepares the selected servers, and returns their components with versions, for the report.
pub fn prepare(places: &Places, chosen: &[&'static Peer]) -> Result<Vec<(String, String)>> {
    let wants = |test: fn(&Kind) -> bool| chosen.iter().any(|peer| test(&peer.kind));
    let mut versions = Vec::new();
    if wants(|kind| matches!(kind, Kind::Superbot(_))) {
        let program = places.superbot.to_string_lossy();
        versions.push(("superbot".to_owned(), version(&program)?));
    }
    if wants(|kind| matches!(kind, Kind::Socketioxide)) {
        versions.extend(socketioxide(places)?);
    }
    if wants(|kind| matches!(kind, Kind::Node)) {
        versions.extend(node(places)?);
    }
    if wants(|kind| matches!(kind, Kind::Python(..))) {
        versions.extend(python(places)?);
    }
    Ok(versions)
}

fn socketioxide(places: &Places) -> Result<Vec<(String, String)>> {
    let manifest = places.peers.join("socketioxide/Cargo.toml");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--locked", "--quiet", "--manifest-path"]).arg(&manifest);
    cargo.env("CARGO_TARGET_DIR", places.work.join("socketioxide"));
    run(cargo)?;
    let lock = fs::read_to_string(places.peers.join("socketioxide/Cargo.lock"))?;
    let locked = |name: &str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some((name.to_owned(), rest.split('"').next()?.to_owned()))
    };
    let known = ["socketioxide", "engineioxide", "axum", "tokio"].into_iter().filter_map(locked).collect();
    Ok(known)
}

fn node(places: &Places) -> Result<Vec<(String, String)>> {
    let folder = places.node();
    fs::create_dir_all(&folder)?;
    for file in [".npmrc", "package.json", "package-lock.json", "server.mjs"] {
        fs::copy(places.peers.join("node").join(file), folder.join(file)).with_context(|| format!("copying {file}"))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]).current_dir(&folder);
    run(npm)?;
    let mut versions = vec![("node".to_owned(), version("node")?)];
    for name in ["socket.io", "engine.io", "ws"] {
        let text = fs::read_to_string(folder.join("node_modules").join(name).join("package.json"))?;
        let package: serde_json::Value = serde_json::from_str(&text)?;
        versions.push((name.to_owned(), package["version"].as_str().unwrap_or_default().to_owned()));
    }
    Ok(versions)
}

fn python(places: &Places) -> Result<Vec<(String, String)>> {
    let requirements = places.peers.join("python/requirements.txt");
    let wanted = fs::read_to_string(&requirements)?;
    let folder = places.work.join("python");
    let installed = folder.join("installed.txt");
    let python = places.python();
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        say("the Python environment is there already");
    } else {
        let mut venv = Command::new("python3");
        venv.args(["-m", "venv", "--clear"]).arg(&folder);
        run(venv)?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements);
        run(pip)?;
        fs::write(&installed, &wanted)?;
    }
    let mut versions = vec![("python".to_owned(), version(&python.to_string_lossy())?)];
    let named =
        ["flask-socketio", "python-socketio", "python-engineio", "uvicorn", "gevent", "simple-websocket", "werkzeug"];
    let pinned = wanted.lines().filter_map(|line| line.split_once("=="));
    let pinned = pinned.filter(|(name, _)| named.contains(name));
    versions.extend(pinned.map(|(name, version)| (name.to_owned(), version.to_owned())));
    Ok(versions)
}

/// Runs a tool to completion, with its output shown.
fn run(mut command: Command) -> Result<()> {
    let line = format!("{command:?}");
    say(&format!("$ {line}"));
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    let status = status.with_context(|| format!("running {line}"))?;
    if !status.success() {
        bail!("{line} ended with {status}");
    }
    Ok(())
}

/// Returns the version printed by a program, without the program's name.
fn version(program: &str) -> Result<String> {
    let line = output(program, &["--version"])?;
    Ok(line.rsplit(' ').next().unwrap_or_default().trim_start_matches('v').to_owned())
}

/// Returns the first line of a tool's output.
pub fn output(program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("running {}", Path::new(program).display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned())
}
