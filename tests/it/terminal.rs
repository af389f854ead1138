//! Passwords typed on a terminal.

use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::commands::{run_in, stderr};
use crate::support::{isolated, soon};

/// Runs a shell command, in which SUPERBOT stands for the program, on a pseudo-terminal with this input; returns
/// whether it succeeded and the terminal's output.
async fn on_a_terminal(folder: &Path, line: &str, typed: &[&str]) -> (bool, String) {
    let command = isolated(folder);
    let program = command.as_std().get_program();
    let mut script = Command::new("script");
    script.args([
        "--quiet",
        "--return",
        "--command",
        &line.replace("SUPERBOT", program.to_str().unwrap()),
        "/dev/null",
    ]);
    script.env_clear().envs(command.as_std().get_envs().filter_map(|(name, value)| Some((name, value?))));
    script.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = script.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut shown = String::new();
    for (index, text) in typed.iter().enumerate() {
        // Input sent earlier would be echoed: echo is off only once the prompt is shown.
        while shown.matches(": ").count() <= index {
            let mut some = [0; 256];
            let read = soon("a question", tokio::io::AsyncReadExt::read(&mut stdout, &mut some)).await.unwrap();
            assert!(read > 0, "it ended: {shown}");
            shown.push_str(&String::from_utf8_lossy(&some[..read]));
        }
        stdin.write_all(format!("{text}\n").as_bytes()).await.unwrap();
    }
    let mut rest = String::new();
    soon("its end", tokio::io::AsyncReadExt::read_to_string(&mut stdout, &mut rest)).await.unwrap();
    drop(stdin);
    let status = soon("its end", child.wait()).await.unwrap();
    (status.success(), shown + &rest)
}

#[tokio::test]
async fn a_password_is_typed_twice_and_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let add = "SUPERBOT --data-dir data user add ann --admin";
    let (done, shown) = on_a_terminal(folder.path(), add, &["correct horse", "correct house"]).await;
    assert!(!done && shown.contains("differ") && !shown.contains("correct"), "{shown}");
    assert!(!folder.path().join("data").exists());
    let (done, shown) = on_a_terminal(folder.path(), add, &["correct horse", "correct horse"]).await;
    assert!(done && shown.contains("made ann") && !shown.contains("correct"), "{shown}");
    let passwd = "SUPERBOT --data-dir data user passwd ann";
    let (done, shown) = on_a_terminal(folder.path(), passwd, &["battery staple", "battery staple"]).await;
    assert!(done && !shown.contains("battery"), "{shown}");
    let nothing = run_in(folder.path(), &["--data-dir", "data", "user", "add", "bob"], &[]).await;
    assert_eq!(nothing.status.code(), Some(2));
    assert!(stderr(&nothing).contains("--password-stdin"), "{}", stderr(&nothing));
}

#[tokio::test]
async fn the_terminal_shows_again_what_is_typed_after_ctrl_c_at_the_password() {
    let folder = tempfile::tempdir().unwrap();
    // The shell must survive the signal, which goes to all processes of the terminal.
    let line = "trap : INT; SUPERBOT --data-dir data user add ann --admin; echo ended with $?; stty -a";
    let (_, shown) = on_a_terminal(folder.path(), line, &["\u{3}"]).await;
    assert!(shown.contains("ended with 130"), "{shown}");
    assert!(shown.contains(" echo ") && !shown.contains(" -echo "), "{shown}");
    assert!(!folder.path().join("data").exists(), "no user was created");
}
