//! Import cycles within a crate: none between top-level modules, and only listed ones between files.
//!
//! Files in a cycle can only be understood, tested and changed together.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::imports::{Crate, Import};
use crate::tree::File;

/// Accepted cycles between files.
const ALLOWED: &[Allowed] = &[
    Allowed {
        files: &["crates/socketio/src/engine/core.rs", "crates/socketio/src/engine/session.rs"],
        reason: "a server finds its sessions by their ids, and each session takes itself off that list when it ends",
    },
    Allowed {
        files: &[
            "crates/socketio/src/socket/event.rs",
            "crates/socketio/src/socket/handle.rs",
            "crates/socketio/src/socket/namespace.rs",
        ],
        reason: "a socket is in a namespace, whose handlers take sockets and what their clients sent",
    },
];

/// An accepted cycle.
struct Allowed {
    /// All files of the cycle.
    files: &'static [&'static str],
    /// Why the alternative would be worse.
    reason: &'static str,
}

/// Checks all crates of the workspace, including this one.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    check_except(files, ALLOWED)
}

fn check_except(files: &[File], allowed: &[Allowed]) -> Vec<String> {
    let texts: BTreeMap<&str, &str> = files.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let roots = texts.keys().filter(|path| is_root(path, &texts));
    let mut complaints = Vec::new();
    let mut stays = vec![false; allowed.len()];
    for root in roots {
        let read = match Crate::read(root, &texts) {
            Ok(read) => read,
            Err(complaint) => {
                complaints.push(complaint);
                continue;
            }
        };
        let imports = read.imports();
        complaints.extend(module_cycles(root, &imports, &read.top_level()));
        for cycle in cycles(imports.iter().map(|import| (import.from, import.to))) {
            if let Some(place) = allowed.iter().position(|allowed| cycle.iter().eq(allowed.files)) {
                stays[place] = true;
            } else {
                complaints.push(file_cycle(root, &imports, &cycle));
            }
        }
    }
    let gone = allowed.iter().zip(stays).filter(|(_, stays)| !stays);
    complaints.extend(gone.map(|(Allowed { files, reason }, _)| {
        format!("{}: no cycle of just these files, take it off the list: {} ({reason})", files[0], files.join(", "))
    }));
    complaints
}

/// Returns whether a file is a crate root; for a package with a library, only the library's.
fn is_root(path: &str, files: &BTreeMap<&str, &str>) -> bool {
    let is_ours = path.starts_with("src/") || path.starts_with("crates/") || path.starts_with("xtask/src/");
    let is_library = || path.ends_with("src/lib.rs");
    let is_program = || path.ends_with("src/main.rs") && !files.contains_key(&*path.replace("main.rs", "lib.rs"));
    is_ours && (is_library() || is_program())
}

fn module_cycles(root: &str, imports: &[Import<'_>], modules: &BTreeMap<&str, &str>) -> Vec<String> {
    let ends = |import: &Import<'_>| Some((*modules.get(import.from)?, *modules.get(import.to)?));
    let between = imports.iter().filter_map(ends).filter(|(from, to)| from != to);
    let complaint = |cycle: BTreeSet<&str>| {
        let within = |import: &&Import<'_>| {
            ends(import).is_some_and(|(from, to)| from != to && cycle.contains(from) && cycle.contains(to))
        };
        let names = cycle.iter().copied().collect::<Vec<_>>().join(", ");
        let arrows = arrows(imports.iter().filter(within));
        format!("{root}: the modules {names} import each other in a cycle:{arrows}")
    };
    cycles(between).into_iter().map(complaint).collect()
}

fn file_cycle(root: &str, imports: &[Import<'_>], cycle: &BTreeSet<&str>) -> String {
    let within = |import: &&Import<'_>| cycle.contains(import.from) && cycle.contains(import.to);
    let arrows = arrows(imports.iter().filter(within));
    format!("{root}: {} files import each other in a cycle:{arrows}", cycle.len())
}

fn arrows<'i, 'a: 'i>(imports: impl Iterator<Item = &'i Import<'a>>) -> String {
    imports.fold(String::new(), |mut lines, Import { from, to, path }| {
        let _ = write!(lines, "\n    {from} -> {to}   by `{path}`");
        lines
    })
}

/// Returns the strongly connected components with more than one node or a self-loop.
fn cycles<'a>(arrows: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeSet<BTreeSet<&'a str>> {
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in arrows {
        graph.entry(from).or_default().insert(to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|from| (*from, reached_from(&graph, from))).collect();
    let leads = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
    let in_cycles = graph.keys().filter(|node| leads(node, node));
    in_cycles.map(|node| reached[node].iter().copied().filter(|other| leads(other, node)).collect()).collect()
}

fn reached_from<'a>(graph: &BTreeMap<&'a str, BTreeSet<&'a str>>, from: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(node) = ahead.pop() {
        ahead.extend(graph.get(node).into_iter().flatten().copied().filter(|next| reached.insert(*next)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> Vec<File> {
        texts.iter().map(|(path, text)| File::sample(&format!("crates/a/src/{path}.rs"), text)).collect()
    }

    /// Returns the complaints about a crate without accepted cycles.
    fn complaints(texts: &[(&str, &str)]) -> Vec<String> {
        check_except(&files(texts), &[])
    }

    #[test]
    fn cycles_between_modules_and_files_are_found_with_their_arrows() {
        let root = ("lib", "mod a; mod b; mod c; use c::C;");
        let one_way = [root, ("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "")];
        assert_eq!(complaints(&one_way), [""; 0]);
        for way_back in ["use crate::a::A;", "fn f() { crate::a::f() }", "use super::a::A;", "fn f(a: super::a::A) {}"]
        {
            let found = complaints(&[root, ("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", way_back)]);
            assert_eq!(found.len(), 2, "{way_back}: {found:?}");
            assert!(found[0].contains("the modules a, b, c import each other"), "{found:?}");
            assert!(found[1].contains("3 files") && found[1].contains("crates/a/src/a.rs -> crates/a/src/b.rs"));
        }
    }

    #[test]
    fn a_child_that_imports_from_its_parent_is_in_a_cycle_and_one_that_passes_through_is_not() {
        let root = ("lib", "mod a;");
        let defined = ("a/mod", "mod x; pub use x::X; pub struct A;");
        let found = complaints(&[root, defined, ("a/x", "pub struct X(super::A);")]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("2 files") && found[0].contains("by `super::A`"), "{found:?}");
        let mounted = ("a/mod", "mod x; mod y; pub use x::X; pub use y::A;");
        assert_eq!(complaints(&[root, mounted, ("a/x", "pub struct X(super::A);"), ("a/y", "pub struct A;")]), [""; 0]);
    }

    #[test]
    fn modules_may_be_in_a_cycle_that_no_files_are_in() {
        let texts = [
            ("lib", "mod a; mod b;"),
            ("a/mod", "mod x; mod y;"),
            ("a/x", "use crate::b::B;"),
            ("a/y", "pub struct Y;"),
            ("b", "use crate::a::y::Y;"),
        ];
        let found = complaints(&texts);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("the modules a, b import each other"), "{found:?}");
    }

    #[test]
    fn a_cycle_is_allowed_as_it_is_listed_and_for_as_long_as_it_is_there() {
        let root = ("lib", "mod a;");
        let cycle = files(&[root, ("a/mod", "mod x; use x::X; pub struct A;"), ("a/x", "use super::A;")]);
        let allowed = |files| [Allowed { files, reason: "it has to be" }];
        let both = allowed(&["crates/a/src/a/mod.rs", "crates/a/src/a/x.rs"]);
        assert_eq!(check_except(&cycle, &both), [""; 0]);
        assert_eq!(check_except(&cycle, &allowed(&["crates/a/src/a/mod.rs"])).len(), 2);
        assert_eq!(check_except(&files(&[root, ("a/mod", "")]), &both).len(), 1);
    }

    #[test]
    fn a_library_comes_before_a_program_and_other_folders_are_left_alone() {
        let cycle = [("main", "mod a; mod b;"), ("a", "use crate::b::B;"), ("b", "use crate::a::A;")];
        let in_folder = |folder: &str, more: &[&str]| {
            let samples = cycle.iter().map(|(name, text)| File::sample(&format!("{folder}/{name}.rs"), text));
            let more = more.iter().map(|path| File::sample(path, ""));
            check_except(&samples.chain(more).collect::<Vec<_>>(), &[]).len()
        };
        assert_eq!(in_folder("xtask/src", &[]), 2);
        assert_eq!(in_folder("src", &[]), 2);
        assert_eq!(in_folder("src", &["src/lib.rs"]), 0);
        assert_eq!(in_folder("tests/src", &[]), 0);
    }
}
