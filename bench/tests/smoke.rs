//! End-to-end test at a small scale: load generators, a real server, and the report.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Returns the path of the server, building it if necessary; usually the main workspace's tests have built it.
fn superbot() -> PathBuf {
    let bench = Path::new(env!("CARGO_BIN_EXE_superbot-bench"));
    let program = bench.with_file_name("superbot");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap());
    cargo.args(["build", "--quiet", "--locked", "--workspace", "--bins", "--examples"]).current_dir(root);
    cargo.env("CARGO_TARGET_DIR", bench.ancestors().nth(2).unwrap());
    assert!(cargo.status().unwrap().success(), "superbot could not be built");
    program
}

#[test]
fn fifty_clients_hear_every_broadcast_once_from_both_ends_of_the_scale() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_superbot-bench"))
        .args(["realtime", "--quick", "--repeats", "1", "--conns", "50", "--peers", "limit,superbot"])
        .args(["--scenarios", "broadcast,to-one,replay,polling,full"])
        .arg("--superbot")
        .arg(superbot())
        .arg("--peers-dir")
        .arg(root.join("peers"))
        .arg("--work-dir")
        .arg(dir.path().join("work"))
        .arg("--out")
        .arg(dir.path().join("out"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert!(!said.contains("came to nothing") && !said.contains(" lost,"), "{said}");
    // Two servers in two scenarios, and one of them in two more.
    assert_eq!(said.matches("connected 50 |").count(), 6, "{said}");
    let report = fs::read_to_string(dir.path().join("out/RESULTS.md")).unwrap();
    for row in ["| limit", "| superbot"] {
        let rows = report.lines().filter(|line| line.starts_with(row)).count();
        assert!(rows > 0, "{report}");
    }
    assert!(fs::read_to_string(dir.path().join("out/results.svg")).unwrap().ends_with("</svg>\n"));
}
