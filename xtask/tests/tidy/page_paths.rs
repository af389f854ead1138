//! The files and folders that the how-to pages name exist.

use std::collections::BTreeSet;

use crate::tree::File;

/// Pages for people who change the code.
const PAGES: [&str; 2] = ["CONTRIBUTING.md", "docs/ARCHITECTURE.md"];

/// Endings of what is committed; a page also names files that exist while the program runs.
const COMMITTED: [&str; 7] = ["rs", "md", "ts", "tsx", "mjs", "toml", "css"];

/// Checks the paths in backticks.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let known: BTreeSet<&str> = files.iter().flat_map(|file| file_and_folders(&file.path)).collect();
    let pages = files.iter().filter(|file| PAGES.contains(&file.path.as_str()));
    let missing = pages.flat_map(|page| {
        let named = page.text.split('`').skip(1).step_by(2).filter(|span| is_path(span));
        let missing = named.filter(|path| !exists(&known, path));
        missing.map(|path| format!("{}: names `{path}`, which does not exist", page.path))
    });
    missing.collect()
}

fn file_and_folders(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    ends.map(|end| &path[..end])
}

/// A file by its ending, or a folder of the top by the folder it begins with.
fn is_path(span: &str) -> bool {
    const TOP: [&str; 11] =
        ["src/", "crates/", "xtask/", "tests/", "web/", "docs/", "bench/", "fuzz/", "deploy/", "clients/", "examples/"];
    let plain = span.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    let ending = span.rsplit_once('.').is_some_and(|(name, ending)| !name.is_empty() && COMMITTED.contains(&ending));
    plain && (ending || TOP.iter().any(|folder| span.starts_with(folder)))
}

/// From the root, or the end of a path: a list names the folder first, then the files in it.
fn exists(known: &BTreeSet<&str>, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    known.contains(path)
        || known.iter().any(|known| known.strip_suffix(path).is_some_and(|before| before.ends_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(text: &str) -> usize {
        let files = ["src/http/mod.rs", "crates/store/src/standing/row.rs", "web/dashboard/src/a.tsx", "docs/GUIDE.md"];
        let mut files: Vec<File> = files.iter().map(|path| File::sample(path, "")).collect();
        files.push(File::sample("CONTRIBUTING.md", text));
        check(&files).len()
    }

    #[test]
    fn files_that_do_not_exist_are_found() {
        for path in [
            "src/http/gone.rs",
            "gone.rs",
            "ow.rs",
            "standing/gone.rs",
            "store/row.rs",
            "docs/GONE.md",
            "web/gone/",
            "crates/gone",
            "src/http/mod.rs/a",
            "gone/a.tsx",
            "Gone.toml",
        ] {
            assert_eq!(missing(&format!("Change `{path}` first.")), 1, "{path}");
        }
        assert_eq!(missing("`src/a.rs`, then `b.rs`"), 2);
    }

    #[test]
    fn files_that_exist_and_other_words_are_not() {
        for span in [
            "src/http/mod.rs",
            "src/http",
            "src/http/",
            "standing/row.rs",
            "row.rs",
            "docs/GUIDE.md",
            "a.tsx",
            "crates/store",
            "web/dashboard/src",
            "superbot.db",
            "GET /api/listings",
            "cargo test -p xtask",
            "serde_json::Value",
            "tx.emit(..)",
            "a*.rs",
            ".rs",
        ] {
            assert_eq!(missing(&format!("See `{span}`.")), 0, "{span}");
        }
    }
}
