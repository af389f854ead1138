//! Forbidden content by file, and forbidden files.

use crate::source::{Language, blank};
use crate::tree::File;

/// Folders that may contain SQL: the database layer with its derive macro, the store, tools for whole stores, and
/// benchmarks that measure SQLite directly.
const MAY_HOLD_SQL: [&str; 5] = ["crates/db/", "crates/record/", "crates/store/", "crates/transfer/", "bench/benches/"];

pub(crate) fn check(files: &[File]) -> Vec<String> {
    // The rules themselves contain what they forbid.
    files.iter().filter(|file| !file.path.starts_with("xtask/tests/tidy/")).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<String> {
    let mut complaints = lines(file, is_machine_path, "a path of somebody's machine");
    if file.is(&["rs"]) {
        let code = File { path: file.path.clone(), text: blank(&file.text, Language::Rust) };
        complaints.extend(lines(
            &code,
            allows_lint,
            "use `#[expect(lint, reason = \"...\")]`, which warns once it is unnecessary",
        ));
        if !may_read_environment(file) {
            complaints.extend(lines(&code, reads_environment, "settings come from `config`, not from the environment"));
        }
    }
    if file.is(&["rs"]) && !MAY_HOLD_SQL.iter().any(|folder| file.path.starts_with(folder)) {
        complaints.extend(lines(file, is_sql, "SQL belongs in crates/db, crates/store and crates/transfer"));
    }
    if file.path.ends_with("Cargo.lock") {
        complaints.extend(lines(file, is_foreign_registry, "a registry other than crates.io"));
    }
    if file.path.ends_with("package-lock.json") {
        complaints.extend(lines(file, |line| line.contains("\"resolved\": \"http"), "the address of a registry"));
    }
    if is_product(&file.path) {
        complaints.push(format!("{}: is built or fetched, so it is not committed", file.path));
    }
    complaints
}

/// Returns a complaint for each line for which `wrong` returns true.
fn lines(file: &File, wrong: fn(&str) -> bool, complaint: &str) -> Vec<String> {
    let numbered = file.text.lines().enumerate().filter(|(_, line)| wrong(line));
    numbered.map(|(index, _)| format!("{}:{}: {complaint}", file.path, index + 1)).collect()
}

fn is_machine_path(line: &str) -> bool {
    ["/work/", "/root/", "/Users/", "C:\\Users\\"].iter().any(|path| line.contains(path))
}

fn allows_lint(line: &str) -> bool {
    let line = line.replace(' ', "");
    ["#[allow(", "#![allow(", ",allow("].iter().any(|attribute| line.contains(attribute))
}

/// Commands read the environment and pass it on as configuration; build scripts, xtask and tests may read it, too.
fn may_read_environment(file: &File) -> bool {
    let allowed = ["src/commands/", "src/main.rs", "build.rs", "xtask/", "tests/", "bench/"];
    allowed.iter().any(|path| file.path.starts_with(path))
        || file.path.contains("/examples/")
        || file.path.contains("/tests/")
}

fn reads_environment(line: &str) -> bool {
    line.contains("env::var")
}

/// Detects SQL by its keywords in upper case, so that prose does not match.
fn is_sql(line: &str) -> bool {
    let statement = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA "];
    !line.trim_start().starts_with("//") && statement.iter().any(|words| line.contains(words))
}

fn is_foreign_registry(line: &str) -> bool {
    line.starts_with("source = ") && !line.contains("\"registry+https://github.com/rust-lang/crates.io-index\"")
}

fn is_product(path: &str) -> bool {
    let parts = |names: &[&str]| path.split('/').any(|part| names.contains(&part));
    parts(&["node_modules", "dist", "target", "__pycache__"]) || path.ends_with(".min.js")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        check(&[File::sample(path, text)]).len()
    }

    #[test]
    fn what_does_not_belong_is_found() {
        assert_eq!(complaints("README.md", "cd /work/main"), 1);
        assert_eq!(complaints("src/a.rs", "#[allow(dead_code)]\nfn a() {}"), 1);
        assert_eq!(complaints("src/a.rs", "#![cfg_attr(test, allow(dead_code))]"), 1);
        assert_eq!(complaints("src/a.rs", "#[expect(dead_code, reason = \"x\")] // not #[allow("), 0);
        assert_eq!(complaints("src/a.rs", "let a = std::env::var(\"A\");"), 1);
        assert_eq!(complaints("src/commands/a.rs", "let a = std::env::vars();"), 0);
        assert_eq!(complaints("web/dist/a.txt", ""), 1);
        assert_eq!(complaints("web/socket.io.min.js", ""), 1);
    }

    #[test]
    fn sql_stays_in_the_store() {
        let text = "sqlx::query(\"SELECT a FROM b\")";
        assert_eq!(complaints("src/http/a.rs", text), 1);
        assert_eq!(complaints("crates/store/src/a.rs", text), 0);
        assert_eq!(complaints("src/http/a.rs", "// SELECT is said in the store\nlet a = \"Select one\";"), 0);
    }

    #[test]
    fn lock_files_name_no_other_registry() {
        let ours = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        assert_eq!(complaints("Cargo.lock", ours), 0);
        assert_eq!(complaints("Cargo.lock", "source = \"registry+https://mirror.example/index\""), 1);
        assert_eq!(complaints("Cargo.lock", "source = \"git+https://github.com/a/b#c\""), 1);
        assert_eq!(complaints("web/package-lock.json", "  \"resolved\": \"https://mirror.example/a.tgz\","), 1);
    }
}
