//! A `let` binds one name: a tuple on both sides packs several statements into one line.
//!
//! A tuple that a call returns may be destructured, and two values may be swapped.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Expr, Local, Pat};

use crate::allowances::{Occurrences, compare};
use crate::tree::File;

/// Checks every Rust file.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let mut found: Occurrences = BTreeMap::new();
    for file in files.iter().filter(|file| file.is(&["rs"])) {
        let packed = packed_lets(&file.text);
        if !packed.is_empty() {
            found.insert(&file.path, packed);
        }
    }
    compare("lets", files, &found)
}

/// Packed lets, by the names they bind. A file that is not Rust has none; the compiler says so.
fn packed_lets(text: &str) -> Vec<String> {
    let mut search = LetSearch::default();
    if let Ok(parsed) = syn::parse_file(text) {
        search.visit_file(&parsed);
    }
    search.packed
}

#[derive(Default)]
struct LetSearch {
    packed: Vec<String>,
}

impl<'ast> Visit<'ast> for LetSearch {
    fn visit_local(&mut self, local: &'ast Local) {
        if let Some(names) = packed_names(local) {
            self.packed.push(format!("let ({})", names.join(", ")));
        }
        visit::visit_local(self, local);
    }
}

/// The names of a tuple of names that is bound to a tuple of expressions.
fn packed_names(local: &Local) -> Option<Vec<String>> {
    let pattern = match &local.pat {
        Pat::Type(typed) => &*typed.pat,
        pattern => pattern,
    };
    let Pat::Tuple(tuple) = pattern else { return None };
    let Expr::Tuple(_) = &*local.init.as_ref()?.expr else { return None };
    tuple
        .elems
        .iter()
        .map(|element| match element {
            Pat::Ident(name) if name.subpat.is_none() => Some(name.ident.to_string()),
            Pat::Wild(_) => Some("_".to_owned()),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(body: &str) -> usize {
        packed_lets(&format!("fn f() {{\n{body}\n}}")).len()
    }

    #[test]
    fn packed_lets_are_found() {
        for packed in [
            "let (a, b) = (1, 2);",
            "let (mut a, b) = (1, 2);",
            "let (a, mut b, c) = (f(), g(h, i), [1, 2]);",
            "let (a, _) = (1, 2);",
            "let (ref a, b) = (1, 2);",
            "let (a, b): (u8, u8) = (1, 2);",
            "let (a, b) = (\n1,\n2,\n);",
            "let (a, b) = (1, 2) else { return };",
            "if x { let (a, b) = (1, 2); }",
            "let f = || { let (a, b) = (1, 2); };",
            "let a = async { let (b, c) = (1, (2, 3)); };",
        ] {
            assert_eq!(count(packed), 1, "{packed}");
        }
        assert_eq!(count("let (a, b) = (1, 2);\nlet (c, d) = (3, 4);"), 2);
        assert_eq!(packed_lets("fn f() { let (a, mut b) = (1, 2); }"), ["let (a, b)"]);
    }

    #[test]
    fn other_lets_are_not() {
        for free in [
            "let (a, b) = f();",
            "let (a, b) = pair;",
            "let a = (1, 2);",
            "let (a, (b, c)) = (1, f());",
            "let [a, b] = [1, 2];",
            "let Point(a, b) = Point(1, 2);",
            "let Some((a, b)) = f() else { return };",
            "let (a, b);",
            "(a, b) = (b, a);",
            "if let (Some(a), Some(b)) = (f(), g()) {}",
            "// let (a, b) = (1, 2);",
            "let text = \"let (a, b) = (1, 2);\";",
        ] {
            assert_eq!(count(free), 0, "{free}");
        }
    }
}
