//! Builds the web files that the binary embeds, and determines the commit it is built from.
//!
//! The sources in `web/` are copied to Cargo's output folder and built there by npm; the source tree is not written to.
//! `SUPERBOT_WEB_DIST=DIR` uses a folder built elsewhere (`npm run build` in `web/`), and requires neither Node nor npm.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

/// Inputs of the build, without tests and settings of editors.
const SOURCES: [&str; 7] = ["package.json", "package-lock.json", ".npmrc", "build.mjs", "client", "dashboard", "pages"];

fn main() -> ExitCode {
    println!("cargo::rustc-env=SUPERBOT_VERSION={} ({})", env!("CARGO_PKG_VERSION"), commit());
    match web_files() {
        Ok(dir) => {
            println!("cargo::rustc-env=SUPERBOT_WEB_FILES={}", dir.display());
            ExitCode::SUCCESS
        }
        Err(message) => {
            for line in message.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Returns the commit for `--version`: `SUPERBOT_COMMIT`, otherwise the commit that Git has checked out.
///
/// Debug builds do not ask Git, because each commit would then rebuild the whole crate. Neither is required for building.
fn commit() -> String {
    println!("cargo::rerun-if-env-changed=SUPERBOT_COMMIT");
    if let Some(given) = env::var("SUPERBOT_COMMIT").ok().filter(|given| !given.is_empty()) {
        return given.chars().filter(char::is_ascii_graphic).collect();
    }
    if env::var("PROFILE").is_ok_and(|profile| profile == "debug") {
        return "debug build".to_owned();
    }
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    // These files change when a commit is checked out or created.
    for file in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", file]).filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"]).unwrap_or_else(|| "unknown commit".to_owned())
}

/// Returns the folder of built files, building it unless one is given.
fn web_files() -> Result<PathBuf, String> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SUPERBOT_WEB_DIST");
    if let Some(given) = env::var_os("SUPERBOT_WEB_DIST") {
        return given_files(Path::new(&given));
    }
    for source in SOURCES {
        println!("cargo::rerun-if-changed=web/{source}");
    }
    check_node()?;
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo sets OUT_DIR")?);
    let workshop = out_dir.join("web");
    copy_sources(&workshop).map_err(|error| format!("cannot copy web/ to {}: {error}", workshop.display()))?;
    install_packages(&workshop)?;
    let dist = out_dir.join("web-dist");
    let mut build = Command::new("node");
    run(build.arg("build.mjs").arg(&dist).current_dir(&workshop))?;
    Ok(dist)
}

fn given_files(dir: &Path) -> Result<PathBuf, String> {
    let dir = dir.canonicalize().map_err(|error| format!("SUPERBOT_WEB_DIST={}: {error}", dir.display()))?;
    if let Some(missing) = ["index.html", "routes.json"].into_iter().find(|name| !dir.join(name).is_file()) {
        return Err(format!("SUPERBOT_WEB_DIST={} holds no built web/: {missing} is missing", dir.display()));
    }
    println!("cargo::rerun-if-changed={}", dir.display());
    Ok(dir)
}

/// Fails with instructions if Node is missing or too old for the bundler.
fn check_node() -> Result<(), String> {
    const ADVICE: &str = "Install Node.js 20.19, 22.12 or newer with npm (https://nodejs.org),\n\
        or set SUPERBOT_WEB_DIST to a folder of web files built elsewhere (in web/: npm ci && npm run build -- DIR).";
    let output = Command::new("node")
        .arg("--version")
        .output()
        .map_err(|error| format!("The web pages are built with Node.js, which cannot be run: {error}.\n{ADVICE}"))?;
    let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|part| part.parse::<u32>().ok());
    let new_enough = match (numbers.next(), numbers.next()) {
        (Some(20), Some(minor)) => minor >= 19,
        (Some(22), Some(minor)) => minor >= 12,
        (Some(major), _) => major > 22,
        _ => false,
    };
    if new_enough {
        Ok(())
    } else {
        Err(format!("The web pages are built with Node.js; {version} is too old.\n{ADVICE}"))
    }
}

/// Synchronizes the sources to `workshop`, keeping installed packages and caches of earlier builds.
fn copy_sources(workshop: &Path) -> io::Result<()> {
    fs::create_dir_all(workshop)?;
    for source in SOURCES {
        let target = workshop.join(source);
        // Deleted or renamed files must not remain in the copy.
        if target.is_dir() {
            fs::remove_dir_all(&target)?;
        }
        copy(&Path::new("web").join(source), &target)?;
    }
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        fs::copy(from, to)?;
        return Ok(());
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Installs the locked packages, unless they are installed already.
fn install_packages(workshop: &Path) -> Result<(), String> {
    let read = |path: &Path| fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()));
    let locked = read(&workshop.join("package-lock.json"))?;
    let note = workshop.join("node_modules/.installed-from");
    if fs::read(&note).is_ok_and(|installed| installed == locked) {
        return Ok(());
    }
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut install = Command::new(npm);
    // Scripts of packages are not run: the build needs none, and they are a supply-chain risk.
    install.args(["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]);
    run(install.current_dir(workshop))?;
    fs::write(&note, locked).map_err(|error| format!("cannot write {}: {error}", note.display()))
}

/// Runs a command; the error contains its output.
fn run(command: &mut Command) -> Result<(), String> {
    let name = format!("{} {}", command.get_program().display(), arguments(command));
    let output = command.output().map_err(|error| format!("`{name}` cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    Err(format!("`{name}` failed ({}) in web/:\n{}", output.status, String::from_utf8_lossy(&said)))
}

fn arguments(command: &Command) -> String {
    let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
    arguments.join(" ")
}
