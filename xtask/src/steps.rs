//! Steps of `cargo xtask test`.

use anyhow::{Context, Result, bail};

use crate::checkout::{CheckoutRoot, run, tree_state};
use crate::requirements::Requirement;

/// A step of the test run.
pub(crate) struct TestStep {
    /// Name on the command line.
    pub(crate) name: &'static str,
    /// Description for the usage text.
    pub(crate) about: &'static str,
    /// Whether `--fast` includes it.
    pub(crate) fast: bool,
    pub(crate) needs: &'static [Requirement],
    pub(crate) run: fn(&CheckoutRoot) -> Result<()>,
}

/// All steps in order; those that usually fail first come first.
///
/// All Cargo steps build the whole workspace with the same features and profile, so that nothing is built twice.
pub(crate) const STEPS: &[TestStep] = &[
    TestStep {
        name: "format",
        about: "is the Rust code formatted",
        fast: true,
        needs: &[Requirement::RustTools],
        run: format,
    },
    TestStep {
        name: "spelling",
        about: "misspelled words in code and documents",
        fast: true,
        needs: &[Requirement::Python],
        run: spelling,
    },
    TestStep {
        name: "clippy",
        about: "lints, as errors",
        fast: true,
        needs: &[Requirement::RustTools, Requirement::Node],
        run: clippy,
    },
    TestStep { name: "web", about: "types and unit tests of web/", fast: true, needs: &[Requirement::Node], run: web },
    TestStep {
        name: "rust",
        about: "all Rust tests, the tidy test among them",
        fast: true,
        needs: &[Requirement::Node, Requirement::Postgres, Requirement::Sqlite, Requirement::Faketime],
        run: rust,
    },
    TestStep {
        name: "attacks",
        about: "attacks on the server, beside another user",
        fast: false,
        needs: &[Requirement::Node, Requirement::Faketime],
        run: attacks,
    },
    TestStep {
        name: "bench",
        about: "the workspace bench/: format, lints, a small run of it",
        fast: false,
        needs: &[Requirement::RustTools, Requirement::Node],
        run: bench,
    },
    TestStep {
        name: "build",
        about: "the program and the examples",
        fast: false,
        needs: &[Requirement::Node],
        run: build,
    },
    TestStep {
        name: "browser",
        about: "pages, in Chromium",
        fast: false,
        needs: &[Requirement::Node, Requirement::Chromium],
        run: browser,
    },
    TestStep {
        name: "clients",
        about: "real Socket.IO clients, and clients/python",
        fast: false,
        needs: &[Requirement::Node, Requirement::Python],
        run: clients,
    },
    TestStep {
        name: "openapi",
        about: "the API against its description, by schemathesis",
        fast: false,
        needs: &[Requirement::Node, Requirement::Python],
        run: openapi,
    },
    TestStep {
        name: "guide",
        about: "every snippet of docs/GUIDE.md",
        fast: false,
        needs: &[Requirement::Node, Requirement::Python, Requirement::Chromium],
        run: guide,
    },
    TestStep {
        name: "proxies",
        about: "what deploy/ has for nginx, HAProxy and Caddy",
        fast: false,
        needs: &[Requirement::Node, Requirement::Chromium, Requirement::Proxies],
        run: proxies,
    },
    TestStep {
        name: "systemd",
        about: "the units of deploy/",
        fast: false,
        needs: &[Requirement::Node, Requirement::Systemd],
        run: systemd,
    },
    TestStep {
        name: "doc",
        about: "documentation, warnings as errors",
        fast: false,
        needs: &[Requirement::Node],
        run: doc,
    },
    TestStep { name: "clean", about: "has the run left the tree as it was", fast: true, needs: &[], run: clean },
];

fn format(checkout: &CheckoutRoot) -> Result<()> {
    let checked = checkout.run("", "cargo", &["fmt", "--all", "--check", "--", "--files-with-diff"]);
    checked.context("`cargo fmt --all` puts the files named above in order")
}

fn spelling(checkout: &CheckoutRoot) -> Result<()> {
    let typos = checkout.python().with_file_name("typos");
    let checked = checkout.run("", &typos.to_string_lossy(), &["--format", "brief"]);
    checked.context("correct the words named above, or explain those of other languages in typos.toml")
}

fn clippy(checkout: &CheckoutRoot) -> Result<()> {
    checkout.run(
        "",
        "cargo",
        &["clippy", "--workspace", "--all-targets", "--test", "attacks", "--locked", "--", "-D", "warnings"],
    )
}

fn web(checkout: &CheckoutRoot) -> Result<()> {
    install_packages(checkout, "web")?;
    checkout.run("web", "npm", &["run", "check"])?;
    checkout.run("web", "npm", &["test"])
}

fn rust(checkout: &CheckoutRoot) -> Result<()> {
    checkout.run("", "cargo", &["test", "--workspace", "--locked", "--no-fail-fast"])
}

fn attacks(checkout: &CheckoutRoot) -> Result<()> {
    checkout.run("", "cargo", &["test", "--workspace", "--test", "attacks", "--locked"])
}

fn bench(checkout: &CheckoutRoot) -> Result<()> {
    checkout.run("bench", "cargo", &["fmt", "--check", "--", "--files-with-diff"])?;
    checkout.run("bench", "cargo", &["clippy", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    // Clippy has checked examples and benchmarks; they are not run here.
    checkout.run("bench", "cargo", &["test", "--locked", "--bins", "--tests"])
}

fn build(checkout: &CheckoutRoot) -> Result<()> {
    checkout.run("", "cargo", &["build", "--workspace", "--bins", "--examples", "--locked"])
}

fn browser(checkout: &CheckoutRoot) -> Result<()> {
    node_tests(checkout, "tests/browser")
}

fn clients(checkout: &CheckoutRoot) -> Result<()> {
    node_tests(checkout, "tests/clients")?;
    python_client(checkout)
}

fn openapi(checkout: &CheckoutRoot) -> Result<()> {
    node_tests(checkout, "tests/openapi")
}

fn guide(checkout: &CheckoutRoot) -> Result<()> {
    node_tests(checkout, "tests/guide")
}

fn proxies(checkout: &CheckoutRoot) -> Result<()> {
    node_tests(checkout, "tests/proxies")
}

fn systemd(checkout: &CheckoutRoot) -> Result<()> {
    node_tests(checkout, "tests/systemd")
}

fn doc(checkout: &CheckoutRoot) -> Result<()> {
    let mut command = checkout.command("", "cargo", &["doc", "--workspace", "--no-deps", "--locked"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    run(command)
}

fn clean(checkout: &CheckoutRoot) -> Result<()> {
    let now = tree_state(&checkout.root)?;
    if now != checkout.tree {
        bail!("the run changed the tree; it is now\n{now}");
    }
    Ok(())
}

fn install_packages(checkout: &CheckoutRoot, folder: &str) -> Result<()> {
    checkout.run(folder, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
}

/// Runs the tests in a folder against the current build of the server.
fn node_tests(checkout: &CheckoutRoot, folder: &str) -> Result<()> {
    if !checkout.program().is_file() {
        bail!("{} is missing: run the step `build` first", checkout.program().display());
    }
    install_packages(checkout, "tests")?;
    // A client that waits for an event that never comes must not block the run forever.
    let limited = ["--kill-after=10", "900", "npm", "run", folder.trim_start_matches("tests/")];
    let mut command = checkout.command("tests", "timeout", &limited);
    command.env("SUPERBOT_BIN", checkout.program());
    command.env("SUPERBOT_CONFORMANCE_BIN", checkout.target.join("debug/examples/conformance"));
    command.env("SUPERBOT_EMBEDDED_BIN", checkout.target.join("debug/examples/embedded"));
    command.env("SUPERBOT_PYTHON", checkout.python());
    run(command)
}

/// Checks the types of the Python client, and runs its tests against the current build of the server.
fn python_client(checkout: &CheckoutRoot) -> Result<()> {
    let python = checkout.python();
    let python = python.to_string_lossy();
    checkout.run("clients/python", &python, &["-m", "mypy"])?;
    let limited: [&str; 6] = ["--kill-after=10", "900", &python, "-m", "pytest", "--quiet"];
    let mut command = checkout.command("clients/python", "timeout", &limited);
    command.env("SUPERBOT_BIN", checkout.program());
    run(command)
}
