//! Permitted dependencies between packages, and on database drivers.

use toml::{Table, Value};

use crate::tree::File;

/// All packages of the workspace, with those they may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("superbot-domain", &[]),
    ("superbot-matching", &["superbot-domain"]),
    // A test database, for any package that needs one.
    ("superbot-test-postgres", &[]),
    // Message formats, which are also the format of the event log.
    ("superbot-wire", &["superbot-domain"]),
    // Derive macro for rows.
    ("superbot-record", &[]),
    // Statements on either database, independent of what is stored.
    ("superbot-db", &["superbot-record"]),
    (
        "superbot-store",
        &["superbot-db", "superbot-domain", "superbot-matching", "superbot-test-postgres", "superbot-wire"],
    ),
    // Copies, backups and imports of whole stores; the store does not depend on them.
    (
        "superbot-transfer",
        &["superbot-db", "superbot-domain", "superbot-matching", "superbot-store", "superbot-test-postgres"],
    ),
    ("superbot-sources", &["superbot-domain"]),
    ("superbot-socketio", &[]),
    (
        "superbot",
        &[
            "superbot-domain",
            "superbot-matching",
            "superbot-store",
            "superbot-sources",
            "superbot-socketio",
            "superbot-test-postgres",
            "superbot-transfer",
            "superbot-wire",
        ],
    ),
    ("superbot-fuzz", &["superbot", "superbot-domain", "superbot-matching", "superbot-socketio", "superbot-sources"]),
    // Fills stores for the servers that it measures, which it then uses through their sockets.
    (
        "superbot-bench",
        &[
            "superbot-domain",
            "superbot-matching",
            "superbot-sources",
            "superbot-store",
            "superbot-test-postgres",
            "superbot-transfer",
        ],
    ),
    ("superbot-bench-socketioxide", &[]),
    ("xtask", &[]),
];

/// Packages without I/O, which may not depend on the crates below.
const PURE: [&str; 3] = ["superbot-domain", "superbot-matching", "superbot-wire"];
const DATABASES: [&str; 2] = ["rusqlite", "sqlx"];
/// Packages that may use database drivers: the database layer, the store, tools for whole stores, and benchmarks.
const KNOW_DATABASES: [&str; 4] = ["superbot-db", "superbot-store", "superbot-transfer", "superbot-bench"];
const INPUT_AND_OUTPUT: [&str; 9] =
    ["axum", "hyper", "mio", "reqwest", "rusqlite", "rustls", "socket2", "sqlx", "tokio"];

/// Checks the `Cargo.toml` of all packages.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    files.iter().filter(|file| file.path.ends_with("Cargo.toml")).flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<String> {
    let manifest: Table = file.text.parse().unwrap();
    let Some(package) = manifest.get("package").and_then(|package| package.get("name")).and_then(Value::as_str) else {
        return Vec::new();
    };
    let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == package) else {
        return vec![format!("{}: say in the tidy test what the package {package} may depend on", file.path)];
    };
    let ours = |name: &str| ARROWS.iter().any(|(known, _)| *known == name);
    let mut complaints = Vec::new();
    for (name, in_tests) in dependencies(&manifest) {
        let complaint = if ours(&name) && !allowed.contains(&name.as_str()) {
            "may not know"
        } else if DATABASES.contains(&name.as_str()) && !KNOW_DATABASES.contains(&package) {
            "may not know a database: SQL belongs in superbot-store, not with"
        } else if PURE.contains(&package) && INPUT_AND_OUTPUT.contains(&name.as_str()) && !in_tests {
            "computes only, and has no use for"
        } else {
            continue;
        };
        complaints.push(format!("{}: {package} {complaint} {name}", file.path));
    }
    complaints
}

/// Returns the names of dependencies of all kinds, and whether they are dev-dependencies.
fn dependencies(manifest: &Table) -> Vec<(String, bool)> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = std::iter::once(manifest).chain(targets.filter_map(Value::as_table));
    let kinds = [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)];
    let mut found = Vec::new();
    for (table, (kind, in_tests)) in tables.flat_map(|table| kinds.map(|kind| (table, kind))) {
        let listed = table.get(kind).and_then(Value::as_table).into_iter().flatten();
        found.extend(listed.map(|(name, how)| {
            let renamed = how.get("package").and_then(Value::as_str);
            (renamed.unwrap_or(name).to_owned(), in_tests)
        }));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(package: &str, rest: &str) -> usize {
        check(&[File::sample("crates/a/Cargo.toml", &format!("[package]\nname = \"{package}\"\n{rest}"))]).len()
    }

    #[test]
    fn arrows_point_one_way() {
        let uses = |name: &str| format!("[dependencies]\n{name}.workspace = true\n");
        assert_eq!(complaints("superbot-store", &uses("superbot-domain")), 0);
        assert_eq!(complaints("superbot-domain", &uses("superbot-store")), 1);
        assert_eq!(complaints("superbot-store", &uses("superbot-socketio")), 1);
        assert_eq!(complaints("superbot-transfer", &uses("superbot-store")), 0);
        assert_eq!(complaints("superbot-store", &uses("superbot-transfer")), 1);
        assert_eq!(complaints("superbot-socketio", &uses("superbot-domain")), 1);
        assert_eq!(complaints("superbot-socketio", "[dev-dependencies]\nx = { package = \"superbot\" }\n"), 1);
        assert_eq!(complaints("superbot-newcomer", ""), 1);
    }

    #[test]
    fn databases_and_sockets_stay_where_they_belong() {
        let sqlx = "[target.'cfg(unix)'.dependencies]\nsqlx = \"1\"\n";
        assert_eq!(complaints("superbot-store", sqlx), 0);
        assert_eq!(complaints("superbot", sqlx), 1);
        assert_eq!(complaints("superbot-domain", "[dependencies]\ntokio = \"1\"\n"), 1);
        assert_eq!(complaints("superbot-domain", "[dev-dependencies]\ntokio = \"1\"\n"), 0);
    }
}
