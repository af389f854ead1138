//! How often a file may still break a rule that is being introduced. Allowances only shrink.
//!
//! `allowances.txt` has a line for each rule and file: `rule count path`. A file that breaks the rule more often fails the
//! test, and so does an allowance that is larger than needed. `UPDATE_ALLOWANCES=1 cargo test -p xtask --test tidy` lowers
//! them; raising one is an edit by hand, for a reviewer to see.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use crate::tree::File;

const LIST: &str = "xtask/tests/tidy/allowances.txt";

/// Occurrences of what a rule forbids, by file: each as a person can search for it.
pub(crate) type Occurrences<'a> = BTreeMap<&'a str, Vec<String>>;

/// The complaints of the rule with that name.
pub(crate) fn compare(rule: &str, files: &[File], found: &Occurrences) -> Vec<String> {
    let Some(list) = files.iter().find(|file| file.path == LIST) else {
        return vec![format!("{LIST}: is missing")];
    };
    let allowed: BTreeMap<&str, usize> = match entries(&list.text) {
        Ok(entries) => {
            entries.into_iter().filter(|entry| entry.0 == rule).map(|(_, count, path)| (path, count)).collect()
        }
        Err(complaint) => return vec![complaint],
    };
    // Samples of the rules' own tests must not rewrite the list of the tree.
    let is_tree = files.iter().any(|file| file.path == "src/main.rs");
    if is_tree && std::env::var_os("UPDATE_ALLOWANCES").is_some() {
        lower(rule, found);
    }
    let paths = allowed.keys().chain(found.keys()).collect::<std::collections::BTreeSet<_>>();
    paths
        .into_iter()
        .filter_map(|path| complaint(path, allowed.get(path).copied().unwrap_or(0), found.get(path)))
        .collect()
}

fn complaint(path: &str, allowed: usize, found: Option<&Vec<String>>) -> Option<String> {
    let places = found.map(Vec::as_slice).unwrap_or_default();
    match places.len() {
        count if count == allowed => None,
        count if count < allowed => {
            Some(format!("{path}: {count} left, {allowed} allowed: UPDATE_ALLOWANCES=1 lowers the allowance"))
        }
        count => Some(format!("{path}: {count}, {allowed} allowed: {}", places.join(", "))),
    }
}

/// The lines of the list: rule, count, path.
fn entries(text: &str) -> Result<Vec<(&str, usize, &str)>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            let mut parts = line.splitn(3, ' ');
            let parsed = (parts.next(), parts.next().and_then(|count| count.parse().ok()), parts.next());
            match parsed {
                (Some(rule), Some(count), Some(path)) if count > 0 => Ok((rule, count, path)),
                _ => Err(format!("{LIST}:{}: `{line}` is not `rule count path` with a count above 0", index + 1)),
            }
        })
        .collect()
}

/// Writes the list with the counts of that rule as they are, where they have fallen.
fn lower(rule: &str, found: &Occurrences) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(LIST);
    // Not the text that the caller has: another rule may have written it since.
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, lowered(&text, rule, found)).unwrap();
}

fn lowered(text: &str, rule: &str, found: &Occurrences) -> String {
    let mut output: String =
        text.lines().take_while(|line| line.starts_with('#')).flat_map(|line| [line, "\n"]).collect();
    for (name, count, path) in entries(text).unwrap() {
        let count = if name == rule { count.min(found.get(path).map_or(0, Vec::len)) } else { count };
        if count > 0 {
            writeln!(output, "{name} {count} {path}").unwrap();
        }
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occurrences(counts: &[(&'static str, usize)]) -> Occurrences<'static> {
        counts.iter().map(|(path, count)| (*path, vec!["line 1".to_owned(); *count])).collect()
    }

    fn complaints(list: &str, counts: &[(&'static str, usize)]) -> Vec<String> {
        compare("words", &[File::sample(LIST, list)], &occurrences(counts))
    }

    #[test]
    fn counts_have_to_be_those_of_the_list() {
        let list = "# a comment\nwords 2 a.rs\nlets 1 b.rs\n";
        assert_eq!(complaints(list, &[("a.rs", 2)]), [""; 0]);
        for (counts, part) in [
            (&[("a.rs", 3)][..], "3, 2 allowed: line 1, line 1, line 1"),
            (&[("a.rs", 1)], "1 left, 2 allowed"),
            (&[], "0 left, 2 allowed"),
            (&[("a.rs", 2), ("b.rs", 1)], "b.rs: 1, 0 allowed"),
            (&[("a.rs", 2), ("new.rs", 1)], "new.rs: 1, 0 allowed"),
        ] {
            let complaints = complaints(list, counts);
            assert!(matches!(&complaints[..], [one] if one.contains(part)), "{part}: {complaints:?}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_is_a_complaint() {
        for line in ["words 2", "words two a.rs", "words 0 a.rs", "words -1 a.rs", "a.rs"] {
            assert_eq!(complaints(line, &[]).len(), 1, "{line}");
        }
        assert_eq!(compare("words", &[], &occurrences(&[])).len(), 1);
    }

    #[test]
    fn updating_never_raises_and_never_adds() {
        let list = "# kept\nlets 1 b.rs\nwords 2 a.rs\nwords 5 c.rs\nwords 1 gone.rs\n";
        let found = occurrences(&[("a.rs", 9), ("c.rs", 3), ("new.rs", 1)]);
        assert_eq!(lowered(list, "words", &found), "# kept\nlets 1 b.rs\nwords 2 a.rs\nwords 3 c.rs\n");
    }
}
