//! Steps of `cargo xtask test`.

use anyhow::{Context, Result, bail};

use crate::machine::Need;
use crate::shop::{Shop, run, tree_state};

/// A step of the test run.
pub(crate) struct Step {
    /// Name on the command line.
    pub(crate) name: &'static str,
    /// Description for the usage text.
    pub(crate) about: &'static str,
    /// Whether `--fast` includes it.
    pub(crate) fast: bool,
    pub(crate) needs: &'static [Need],
    pub(crate) run: fn(&Shop) -> Result<()>,
}

/// All steps in order; those that usually fail first come first.
///
/// All Cargo steps build the whole workspace with the same features and profile, so that nothing is built twice.
pub(crate) const STEPS: &[Step] = &[
    Step { name: "format", about: "is the Rust code formatted", fast: true, needs: &[Need::RustTools], run: format },
    Step { name: "clippy", about: "lints, as errors", fast: true, needs: &[Need::RustTools, Need::Node], run: clippy },
    Step { name: "web", about: "types and unit tests of web/", fast: true, needs: &[Need::Node], run: web },
    Step {
        name: "rust",
        about: "all Rust tests, the tidy test among them",
        fast: true,
        needs: &[Need::Node, Need::Postgres, Need::Sqlite, Need::Faketime],
        run: rust,
    },
    Step {
        name: "attacks",
        about: "attacks on the server, beside another user",
        fast: false,
        needs: &[Need::Node, Need::Faketime],
        run: attacks,
    },
    Step {
        name: "bench",
        about: "the workspace bench/: format, lints, a small run of it",
        fast: false,
        needs: &[Need::RustTools, Need::Node],
        run: bench,
    },
    Step { name: "build", about: "the program and the examples", fast: false, needs: &[Need::Node], run: build },
    Step {
        name: "browser",
        about: "pages, in Chromium",
        fast: false,
        needs: &[Need::Node, Need::Chromium],
        run: browser,
    },
    Step {
        name: "clients",
        about: "real Socket.IO clients, and clients/python",
        fast: false,
        needs: &[Need::Node, Need::Python],
        run: clients,
    },
    Step {
        name: "openapi",
        about: "the API against its description, by schemathesis",
        fast: false,
        needs: &[Need::Node, Need::Python],
        run: openapi,
    },
    Step {
        name: "guide",
        about: "every snippet of docs/GUIDE.md",
        fast: false,
        needs: &[Need::Node, Need::Python, Need::Chromium],
        run: guide,
    },
    Step {
        name: "proxies",
        about: "what deploy/ has for nginx, HAProxy and Caddy",
        fast: false,
        needs: &[Need::Node, Need::Chromium, Need::Proxies],
        run: proxies,
    },
    Step {
        name: "systemd",
        about: "the units of deploy/",
        fast: false,
        needs: &[Need::Node, Need::Systemd],
        run: systemd,
    },
    Step { name: "doc", about: "documentation, warnings as errors", fast: false, needs: &[Need::Node], run: doc },
    Step { name: "clean", about: "has the run left the tree as it was", fast: true, needs: &[], run: clean },
];

fn format(shop: &Shop) -> Result<()> {
    let checked = shop.run("", "cargo", &["fmt", "--all", "--check", "--", "--files-with-diff"]);
    checked.context("`cargo fmt --all` puts the files named above in order")
}

fn clippy(shop: &Shop) -> Result<()> {
    shop.run(
        "",
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--test", "attacks", "--locked", "--", "-D", "warnings"],
    )
}

fn web(shop: &Shop) -> Result<()> {
    install_packages(shop, "web")?;
    shop.run("web", "npm", &["run", "check"])?;
    shop.run("web", "npm", &["test"])
}

fn rust(shop: &Shop) -> Result<()> {
    shop.run("", "cargo", &["test", "--workspace", "--locked", "--no-fail-fast"])
}

fn attacks(shop: &Shop) -> Result<()> {
    shop.run("", "cargo", &["test", "--workspace", "--test", "attacks", "--locked"])
}

fn bench(shop: &Shop) -> Result<()> {
    shop.run("bench", "cargo", &["fmt", "--check", "--", "--files-with-diff"])?;
    shop.run("bench", "cargo", &["clippy", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    // Clippy has checked examples and benchmarks; they are not run here.
    shop.run("bench", "cargo", &["test", "--locked", "--bins", "--tests"])
}

fn build(shop: &Shop) -> Result<()> {
    shop.run("", "cargo", &["build", "--workspace", "--bins", "--examples", "--locked"])
}

fn browser(shop: &Shop) -> Result<()> {
    node_tests(shop, "tests/browser")
}

fn clients(shop: &Shop) -> Result<()> {
    node_tests(shop, "tests/clients")?;
    python_client(shop)
}

fn openapi(shop: &Shop) -> Result<()> {
    node_tests(shop, "tests/openapi")
}

fn guide(shop: &Shop) -> Result<()> {
    node_tests(shop, "tests/guide")
}

fn proxies(shop: &Shop) -> Result<()> {
    node_tests(shop, "tests/proxies")
}

fn systemd(shop: &Shop) -> Result<()> {
    node_tests(shop, "tests/systemd")
}

fn doc(shop: &Shop) -> Result<()> {
    let mut command = shop.command("", "cargo", &["doc", "--workspace", "--no-deps", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    run(command)
}

fn clean(shop: &Shop) -> Result<()> {
    let now = tree_state(&shop.root)?;
    if now != shop.tree {
        bail!("the run changed the tree; it is now\n{now}");
    }
    Ok(())
}

fn install_packages(shop: &Shop, folder: &str) -> Result<()> {
    shop.run(folder, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
}

/// Runs the tests in a folder against the current build of the server.
fn node_tests(shop: &Shop, folder: &str) -> Result<()> {
    if !shop.program().is_file() {
        bail!("{} is missing: run the step `build` first", shop.program().display());
    }
    install_packages(shop, "tests")?;
    // A client that waits for an event that never comes must not block the run forever.
    let limited = ["--kill-after=10", "900", "npm", "run", folder.trim_start_matches("tests/")];
    let mut command = shop.command("tests", "timeout", &limited);
    command.env("SUPERBOT_BIN", shop.program());
    command.env("SUPERBOT_CONFORMANCE_BIN", shop.target.join("debug/examples/conformance"));
    command.env("SUPERBOT_EMBEDDED_BIN", shop.target.join("debug/examples/embedded"));
    command.env("SUPERBOT_PYTHON", shop.python());
    run(command)
}

/// Checks the types of the Python client, and runs its tests against the current build of the server.
fn python_client(shop: &Shop) -> Result<()> {
    let python = shop.python();
    let python = python.to_string_lossy();
    shop.run("clients/python", &python, &["-m", "mypy"])?;
    let limited: [&str; 6] = ["--kill-after=10", "900", &python, "-m", "pytest", "--quiet"];
    let mut command = shop.command("clients/python", "timeout", &limited);
    command.env("SUPERBOT_BIN", shop.program());
    run(command)
}
