#![no_main]
//! Fuzzes the settings parser. The first byte selects a line of the defaults that the rest replaces, or none; lines
//! after a NUL are environment variables.

use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use superbot::config::{DEFAULTS, LoadOptions, load};

static FILE: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join(format!("superbot-fuzz-{}.toml", std::process::id())));

fuzz_target!(|data: &[u8]| {
    let [line, rest @ ..] = data else { return };
    let Ok(rest) = str::from_utf8(rest) else { return };
    let (text, env) = rest.split_once('\0').unwrap_or((rest, ""));
    let mut lines: Vec<&str> = DEFAULTS.lines().collect();
    let file = match lines.get_mut(usize::from(*line)) {
        Some(line) => {
            *line = text;
            lines.join("\n")
        }
        None => text.to_owned(),
    };
    std::fs::write(&*FILE, file).expect("a temporary file");
    let variables = env.lines().filter_map(|line| line.split_once('='));
    let mut env: Vec<(String, String)> = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    env.push(("HOME".to_owned(), "/home/fuzz".to_owned()));
    let options = LoadOptions { file: Some(FILE.clone()), env, ..LoadOptions::default() };
    match load(&options) {
        Ok(config) => {
            let shown = config.to_toml_redacted();
            shown.parse::<toml::Table>().unwrap_or_else(|error| panic!("{error} in\n{shown}"));
        }
        Err(error) => {
            assert!(!error.0.is_empty());
            assert!(error.0.iter().all(|problem| !problem.to_string().is_empty()));
        }
    }
});
