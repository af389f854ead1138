//! Checks dependencies against `deny.toml`: licences, sources, and duplicate versions without a reason.
//!
//! `cargo deny check` evaluates the same file, and also checks advisories, for which it needs the network.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use toml::{Table, Value};

use crate::tree::File;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Lock file of the benchmarks, which are not distributed, so duplicate versions are permitted.
const BENCH_LOCK: &str = "bench/Cargo.lock";

/// Checks the lock files against `deny.toml`: sources, checksums, banned crates and duplicate versions.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let table =
        |path: &str| files.iter().find(|file| file.path == path).map(|file| file.text.parse::<Table>().unwrap());
    let (Some(lock), Some(deny)) = (table("Cargo.lock"), table("deny.toml")) else { return Vec::new() };
    let bench_lock = table(BENCH_LOCK).unwrap_or_default();
    let bans = deny["bans"].as_table().unwrap();
    let banned: BTreeMap<&str, &str> =
        tables(bans.get("deny")).map(|ban| (text(ban, "crate"), text(ban, "reason"))).collect();
    let packages = |lock| tables(Table::get(lock, "package")).map(Package::read).collect::<Vec<_>>();
    let mut complaints = several_versions(&packages(&lock), bans);
    for (path, lock) in [("Cargo.lock", &lock), (BENCH_LOCK, &bench_lock)] {
        for package in packages(lock) {
            let banned = banned.get(package.name).map(|reason| format!("is banned: {reason}"));
            let wrong = package.wrong_source().into_iter().chain(banned);
            complaints.extend(wrong.map(|wrong| format!("{path}: {} {wrong}", package.name)));
        }
    }
    complaints
}

/// Checks that each version other than the newest has an entry in `bans.skip`, and that each entry is needed.
fn several_versions(packages: &[Package], bans: &Table) -> Vec<String> {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(package.name).or_default().push(package.version);
    }
    let skipped: BTreeSet<&str> = tables(bans.get("skip")).map(|skip| text(skip, "crate")).collect();
    let several: Vec<(&str, Vec<String>)> = versions
        .into_iter()
        .filter(|(_, versions)| versions.len() > 1)
        .map(|(name, versions)| (name, versions.iter().map(|version| format!("{name}@{version}")).collect()))
        .collect();
    let is_skipped = |package: &String| skipped.contains(package.as_str());
    let unexplained = several.iter().filter(|(_, all)| all.iter().filter(|package| !is_skipped(package)).count() > 1);
    let moot = skipped.iter().filter(|skip| several.iter().all(|(_, all)| all.iter().all(|package| package != *skip)));
    let unexplained = unexplained.map(|(name, all)| {
        format!("Cargo.lock: several versions of {name} ({}): use one, or give a reason in deny.toml", all.join(", "))
    });
    unexplained
        .chain(moot.map(|skip| format!("deny.toml: there is no second version beside {skip} any more")))
        .collect()
}

/// A package in a lock file.
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    /// `None` for workspace members.
    source: Option<&'a str>,
    has_checksum: bool,
}

impl<'a> Package<'a> {
    fn read(package: &'a Table) -> Self {
        Self {
            name: text(package, "name"),
            version: text(package, "version"),
            source: package.get("source").and_then(Value::as_str),
            has_checksum: package.contains_key("checksum"),
        }
    }

    fn wrong_source(&self) -> Option<String> {
        let source = self.source?;
        let is_right = source == CRATES_IO && self.has_checksum;
        (!is_right).then(|| format!("is from {source}, not from crates.io with a checksum"))
    }
}

fn tables(list: Option<&Value>) -> impl Iterator<Item = &Table> {
    list.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

fn text<'a>(table: &'a Table, key: &str) -> &'a str {
    table.get(key).and_then(Value::as_str).unwrap_or_else(|| panic!("{table} has no `{key}`"))
}

/// Evaluates an SPDX expression against the permitted licences. A slash is an obsolete form of OR.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = any_of(&mut rest, allowed);
    met && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let mut met = all_of(rest, allowed);
    while let ["OR", after @ ..] = *rest {
        *rest = after;
        met |= all_of(rest, allowed);
    }
    met
}

fn all_of(rest: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    let mut met = one(rest, allowed);
    while let ["AND", after @ ..] = *rest {
        *rest = after;
        met &= one(rest, allowed);
    }
    met
}

fn one(rest: &mut &[&str], allowed: &BTreeSet<&str>) -> bool {
    match *rest {
        ["(", after @ ..] => {
            *rest = after;
            let met = any_of(rest, allowed);
            *rest = rest.strip_prefix(&[")"]).unwrap_or_default();
            met
        }
        [licence, "WITH", exception, after @ ..] => {
            *rest = after;
            allowed.contains(format!("{licence} WITH {exception}").as_str())
        }
        [licence, after @ ..] => {
            *rest = after;
            allowed.contains(licence)
        }
        [] => false,
    }
}

/// Parses a line of `cargo tree`, which marks repeated packages.
fn package_and_licence(line: &str) -> Option<(&str, &str)> {
    line.trim_end_matches(" (*)").split_once('\t')
}

#[test]
fn every_licence_is_allowed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let deny: Table = std::fs::read_to_string(root.join("deny.toml")).unwrap().parse().unwrap();
    let allowed: BTreeSet<&str> =
        deny["licenses"]["allow"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let list = ["tree", "--workspace", "--locked", "--prefix", "none", "--format", "{p}\t{l}"];
    let output = Command::new(env!("CARGO")).args(list).current_dir(root).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let packages = String::from_utf8(output.stdout).unwrap();
    let packages: BTreeSet<(&str, &str)> = packages.lines().filter_map(package_and_licence).collect();
    assert!(packages.len() > 100, "the packages were not found");
    let refused: Vec<_> = packages.into_iter().filter(|(_, licence)| !is_allowed(licence, &allowed)).collect();
    assert!(refused.is_empty(), "deny.toml does not allow the licences of {refused:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_licences_are_understood() {
        let allowed = BTreeSet::from(["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]);
        for met in
            ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "MIT AND (ISC OR GPL-3.0)", "Apache-2.0 WITH LLVM-exception"]
        {
            assert!(is_allowed(met, &allowed), "{met}");
        }
        for not_met in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "(MIT AND GPL-3.0) OR GPL-2.0", "MIT ISC"] {
            assert!(!is_allowed(not_met, &allowed), "{not_met}");
        }
    }

    const DENY: &str = "[bans]\ndeny = [{ crate = \"openssl\", reason = \"rustls\" }]\n\
        skip = [{ crate = \"old@1.0.0\", reason = \"by way of another\" }]\n";

    fn complaints(packages: &[(&str, &str, &str)]) -> usize {
        let package = |(name, version, rest): &(&str, &str, &str)| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{rest}\n")
        };
        let lock: String = packages.iter().map(package).collect();
        check(&[File::sample("Cargo.lock", &lock), File::sample("deny.toml", DENY)]).len()
    }

    #[test]
    fn packages_that_may_not_come_in_are_found() {
        let old = ("old", "1.0.0", "");
        let new = ("old", "2.0.0", "");
        let ours = format!("source = \"{CRATES_IO}\"\nchecksum = \"0\"");
        assert_eq!(complaints(&[old, new, ("a", "1.0.0", &ours)]), 0);
        assert_eq!(complaints(&[old, new, ("a", "1.0.0", &format!("source = \"{CRATES_IO}\""))]), 1, "no checksum");
        assert_eq!(
            complaints(&[old, new, ("a", "1.0.0", "source = \"git+https://example.org\"\nchecksum = \"0\"")]),
            1
        );
        assert_eq!(complaints(&[old, new, ("openssl", "1.0.0", "")]), 1);
        assert_eq!(complaints(&[old, new, ("old", "3.0.0", "")]), 1);
        assert_eq!(complaints(&[new]), 1, "an entry that is not needed");
    }

    #[test]
    fn the_lock_file_of_bench_is_held_to_sources_and_bans_alone() {
        let lock = "[[package]]\nname = \"openssl\"\nversion = \"1.0.0\"\nsource = \"git+https://example.org\"\n\
            [[package]]\nname = \"openssl\"\nversion = \"2.0.0\"\n";
        let deny = File::sample("deny.toml", "[bans]\ndeny = [{ crate = \"openssl\", reason = \"rustls\" }]\n");
        let found = check(&[File::sample("Cargo.lock", ""), File::sample(BENCH_LOCK, lock), deny]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|complaint| complaint.starts_with("bench/Cargo.lock: openssl ")), "{found:?}");
    }
}
