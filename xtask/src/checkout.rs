//! Paths of the checkout, and execution of commands in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::report::say;

/// The checkout and its build folder.
pub(crate) struct CheckoutRoot {
    /// Root of the checkout.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; the steps also use it for their files, which keeps the tree clean.
    pub(crate) target: PathBuf,
    /// State of the git tree at the start.
    pub(crate) tree: String,
}

impl CheckoutRoot {
    /// Locates the checkout from this program's source, and the target folder from its executable.
    pub(crate) fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask/ lies in the checkout")?.to_owned();
        let program = std::env::current_exe()?;
        let target = program.ancestors().nth(2).context("Cargo builds into a folder of its own")?.to_owned();
        let tree = tree_state(&root)?;
        Ok(Self { root, target, tree })
    }

    /// Returns the path of the debug build of the server.
    pub(crate) fn program(&self) -> PathBuf {
        self.target.join("debug").join("superbot")
    }

    /// Returns the Python interpreter of the tests' virtual environment.
    pub(crate) fn python(&self) -> PathBuf {
        self.target.join("xtask/python/bin/python")
    }

    /// Runs a command in a folder of the checkout, showing its output.
    pub(crate) fn run(&self, folder: &str, program: &str, args: &[&str]) -> Result<()> {
        run(self.command(folder, program, args))
    }

    /// Prepares a command in a folder of the checkout.
    pub(crate) fn command(&self, folder: &str, program: &str, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).current_dir(self.root.join(folder));
        command.env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

/// Runs a command; fails if its exit status is not 0.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let line = words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    say(&format!("$ {line}"));
    let status = command.status().with_context(|| format!("cannot run `{line}`"))?;
    if !status.success() {
        bail!("`{line}` ended with {status}");
    }
    Ok(())
}

/// Returns the output of a command; `None` if it cannot be run or fails.
pub(crate) fn output(program: &str, args: &[&str], folder: &Path) -> Option<String> {
    let output = Command::new(program).args(args).current_dir(folder).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Returns git's view of local changes: file names and diff.
pub(crate) fn tree_state(root: &Path) -> Result<String> {
    let read = |args: &[&str]| output("git", args, root).context("`git` must be installed, and this a git checkout");
    Ok(format!("{}\n{}", read(&["status", "--porcelain", "--untracked-files=all"])?, read(&["diff", "HEAD"])?))
}
