//! Permitted dependencies between modules of the application: `main → commands → app → {http, realtime, workers,
//! delivery} → ingest`, all of them on the base modules, and none upwards.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Language, blank};
use crate::tree::File;

/// Names of database back ends, and the modules that may mention them.
const BACK_ENDS: [&str; 2] = ["Sqlite", "Postgres"];
const BACK_END_USERS: [&str; 3] = ["app", "commands", "config"];

/// Checks all files of the application.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let sources: Vec<Source> = files.iter().filter_map(Source::new).collect();
    let known: BTreeSet<&str> = sources.iter().map(|source| source.module).collect();
    let mut complaints = Vec::new();
    let mut uses: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for source in &sources {
        for used in source.uses(&known) {
            if !may_use(source.module, &used) {
                complaints.push(format!("{}: `{}` may not use `{used}`", source.path, source.module));
            }
            uses.entry(source.module).or_default().insert(used);
        }
        complaints.extend(source.names_back_end());
    }
    for module in uses.keys() {
        if reaches(&uses, module, module) {
            complaints.push(format!("src/{module}: `{module}` is in an import cycle"));
        }
    }
    complaints
}

/// Returns the layer of a module; it may use lower layers.
fn height(module: &str) -> u8 {
    match module {
        "main" | "lib" => 6,
        "commands" => 5,
        "app" => 4,
        "http" | "realtime" | "workers" | "delivery" => 3,
        "ingest" => 2,
        "config" => 0,
        _ => 1,
    }
}

fn may_use(module: &str, used: &str) -> bool {
    // Base modules may use each other, as long as there is no cycle.
    let ground = height(module) == 1 && height(used) == 1;
    ground || height(used) < height(module)
}

fn reaches(uses: &BTreeMap<&str, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(module) = ahead.pop() {
        for next in uses.get(module).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next) {
                ahead.push(next);
            }
        }
    }
    false
}

/// A source file of the application.
struct Source<'a> {
    path: &'a str,
    /// Top-level module of the file.
    module: &'a str,
    /// Number of modules between the file and the root.
    depth: usize,
    code: String,
}

impl<'a> Source<'a> {
    fn new(file: &'a File) -> Option<Self> {
        let inside = file.path.strip_prefix("src/")?.strip_suffix(".rs")?;
        let inside = inside.strip_suffix("/mod").unwrap_or(inside);
        let module = inside.split('/').next()?;
        let code = blank(&file.text, Language::Rust);
        Some(Self { path: &file.path, module, depth: inside.split('/').count(), code })
    }

    /// Returns the other top-level modules that the file mentions.
    fn uses(&self, known: &BTreeSet<&str>) -> BTreeSet<String> {
        let code: String = self.code.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut used = BTreeSet::new();
        for (at, _) in code.match_indices("crate::") {
            used.extend(first_names(&code[at + "crate::".len()..]));
        }
        let up = "super::".repeat(self.depth);
        for (at, _) in code.match_indices(&up) {
            used.extend(first_names(code[at + up.len()..].trim_start_matches("super::")));
        }
        used.retain(|name| known.contains(name.as_str()) && name != self.module);
        used
    }

    fn names_back_end(&self) -> Vec<String> {
        if BACK_END_USERS.contains(&self.module) {
            return Vec::new();
        }
        let named = BACK_ENDS.iter().filter(|name| self.code.contains(**name));
        named.map(|name| format!("{}: only `app` and `commands` may name a back end, {name}", self.path)).collect()
    }
}

/// Returns the first segment of a path, or of each path in a group: `a` of `a::b`, `a` and `c` of `{a::b, c}`.
fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![path.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()];
    };
    let mut names = vec![String::new()];
    let mut depth = 0_usize;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            c => names.last_mut().unwrap().push(c),
        }
    }
    names.iter().flat_map(|name| first_names(name.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the complaints about a file among a few others.
    fn complaints(path: &str, text: &str) -> usize {
        let modules =
            ["main", "commands/mod", "app", "http/mod", "realtime/mod", "ingest/mod", "config/mod", "problem"];
        let mut files: Vec<File> = modules.iter().map(|name| File::sample(&format!("src/{name}.rs"), "")).collect();
        files.push(File::sample(path, text));
        check(&files).len()
    }

    #[test]
    fn modules_use_what_stands_lower() {
        assert_eq!(complaints("src/http/api/a.rs", "use crate::ingest::Ingest;\nuse crate::problem::Problem;"), 0);
        assert_eq!(complaints("src/http/api/a.rs", "use crate::realtime::Hub;"), 1);
        assert_eq!(complaints("src/http/a.rs", "fn f() { crate::realtime::hub() }"), 1);
        assert_eq!(complaints("src/http/a.rs", "use crate::{problem::{A, B},\n  realtime::Hub, app};"), 2);
        assert_eq!(complaints("src/http/api/a.rs", "use super::super::super::realtime::Hub;"), 1);
        assert_eq!(complaints("src/http/api/a.rs", "use super::super::realtime::Hub;"), 0);
        assert_eq!(complaints("src/ingest/a.rs", "use crate::http::Server;"), 1);
        assert_eq!(complaints("src/problem/a.rs", "use crate::ingest::Ingest;"), 1);
        assert_eq!(complaints("src/config/a.rs", "use crate::problem::Problem;"), 1);
        assert_eq!(complaints("src/commands/a.rs", "use crate::{app, http, config};"), 0);
        assert_eq!(complaints("src/http/a.rs", "// use crate::realtime::Hub;\nlet a = \"crate::realtime\";"), 0);
    }

    #[test]
    fn circles_are_found() {
        let circle = [File::sample("src/a.rs", "use crate::b::B;"), File::sample("src/b/c.rs", "use crate::a::A;")];
        assert_eq!(check(&circle).len(), 2);
    }

    #[test]
    fn back_ends_are_named_in_few_places() {
        assert_eq!(complaints("src/http/a.rs", "fn f(store: SqliteStore) {}"), 1);
        assert_eq!(complaints("src/app/a.rs", "fn f(store: SqliteStore) {}"), 0);
    }
}
