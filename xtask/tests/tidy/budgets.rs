//! Limits on the length of files and functions, and on vague module names.

use crate::source::{Language, blank, functions};
use crate::tree::File;

/// Maximum lines of a file; 300 are recommended.
const FILE_LINES: usize = 400;

/// Maximum lines of a function; 50 are recommended.
const FUNCTION_LINES: usize = 70;

/// Module names that do not describe their content.
const DRAWERS: [&str; 6] = ["utils", "util", "helpers", "helper", "common", "misc"];

/// Checks all source files.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    files
        .iter()
        .filter(|file| file.is(&["rs", "ts", "tsx", "mts", "mjs", "js", "css", "html", "py"]))
        .flat_map(check_file)
        .collect()
}

fn check_file(file: &File) -> Vec<String> {
    let path = &file.path;
    let mut complaints = Vec::new();
    let lines = file.text.lines().count();
    if lines > FILE_LINES && !is_generated(file) {
        complaints.push(format!("{path}: {lines} lines, {FILE_LINES} are allowed: make two files of it"));
    }
    let names = path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    for name in names.filter(|name| DRAWERS.contains(name)) {
        complaints.push(format!("{path}: `{name}` does not say what is inside"));
    }
    if let Some(language) = Language::of(path) {
        let long = functions(&blank(&file.text, language), language).into_iter();
        complaints.extend(long.filter(|function| function.lines > FUNCTION_LINES).map(|function| {
            let line = function.line;
            let lines = function.lines;
            format!("{path}:{line}: a function of {lines} lines, {FUNCTION_LINES} are allowed")
        }));
    }
    complaints
}

fn is_generated(file: &File) -> bool {
    file.text.starts_with("// Generated from ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_found() {
        let function = |lines: usize| format!("fn f() {{\n{}}}\n", "    x();\n".repeat(lines - 2));
        let complaints = |text: &str| check(&[File::sample("src/a.rs", text)]).len();
        assert_eq!(complaints(&function(70)), 0);
        assert_eq!(complaints(&function(71)), 1);
        assert_eq!(complaints(&"// line\n".repeat(400)), 0);
        assert_eq!(complaints(&"// line\n".repeat(401)), 1);
        assert_eq!(complaints(&format!("// Generated from docs/openapi.json\n{}", "// line\n".repeat(400))), 0);
    }

    #[test]
    fn drawers_are_found() {
        for path in ["src/utils.rs", "web/common/a.ts", "crates/a/src/helpers/mod.rs", "tests/helper.mjs"] {
            assert_eq!(check(&[File::sample(path, "")]).len(), 1, "{path}");
        }
        assert_eq!(check(&[File::sample("src/commonplace.rs", "")]).len(), 0);
    }
}
