//! No two types of one crate that other files can see share a name, so that a search for it finds one thing.
//!
//! Aliases are left out: `Result` of a module's own errors is an idiom. So is test code.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, ItemFn, Visibility};

use crate::imports::is_test;
use crate::tree::File;

/// Checks the library code of every crate.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let mut defined: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.is(&["rs"]) && !is_test_file(&file.path)) {
        let Some(folder) = crate_of(&file.path) else { continue };
        for name in visible_types(&file.text) {
            defined.entry((folder, name)).or_default().push(&file.path);
        }
    }
    let shared = defined.into_iter().filter(|(_, paths)| paths.len() > 1);
    shared
        .map(|((_, name), paths)| {
            format!("{}: `{name}` is also the name of a type of {}", paths[0], paths[1..].join(", "))
        })
        .collect()
}

/// The folder of the crate whose library a file belongs to.
fn crate_of(path: &str) -> Option<&str> {
    let (folder, inside) = match path.strip_prefix("crates/") {
        Some(below) => path.split_at("crates/".len() + below.find('/')?),
        None => ("", path),
    };
    inside.trim_start_matches('/').starts_with("src/").then_some(folder)
}

/// Files that only tests are built with.
fn is_test_file(path: &str) -> bool {
    let stem = path.rsplit('/').next().unwrap_or(path);
    path.contains("/tests/")
        || path.contains("/simulation/")
        || path.contains("/simulated/")
        || stem == "tests.rs"
        || stem.ends_with("_tests.rs")
}

fn visible_types(text: &str) -> Vec<String> {
    let mut search = TypeSearch::default();
    if let Ok(parsed) = syn::parse_file(text) {
        search.visit_file(&parsed);
    }
    search.names
}

#[derive(Default)]
struct TypeSearch {
    names: Vec<String>,
}

impl<'ast> Visit<'ast> for TypeSearch {
    fn visit_item(&mut self, item: &'ast Item) {
        let found: Option<(&Visibility, &Ident, &[Attribute])> = match item {
            Item::Struct(item) => Some((&item.vis, &item.ident, &item.attrs)),
            Item::Enum(item) => Some((&item.vis, &item.ident, &item.attrs)),
            Item::Trait(item) => Some((&item.vis, &item.ident, &item.attrs)),
            Item::Union(item) => Some((&item.vis, &item.ident, &item.attrs)),
            Item::Mod(item) if is_test(&item.attrs) => return,
            _ => None,
        };
        if let Some((visibility, name, attributes)) = found
            && !matches!(visibility, Visibility::Inherited)
            && !is_test(attributes)
            && !is_alternative(attributes)
        {
            self.names.push(name.to_string());
        }
        visit::visit_item(self, item);
    }

    /// What is inside a function is seen by nobody else.
    fn visit_item_fn(&mut self, _: &'ast ItemFn) {}
}

/// One of several definitions of which `cfg` chooses.
fn is_alternative(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("cfg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(files: &[(&str, &str)]) -> usize {
        let files: Vec<File> = files.iter().map(|(path, text)| File::sample(path, text)).collect();
        check(&files).len()
    }

    #[test]
    fn shared_names_are_found() {
        for (one, other) in [
            ("pub struct Reader;", "pub struct Reader;"),
            ("pub struct Reader;", "pub enum Reader {}"),
            ("pub trait Reader {}", "pub struct Reader(u8);"),
            ("pub(crate) struct Reader;", "pub struct Reader;"),
            ("pub(super) struct Reader;", "pub(crate) enum Reader {}"),
            ("pub struct Reader<T>(T);", "pub struct Reader<'a>(&'a str);"),
            ("mod inner { pub struct Reader; }", "pub struct Reader;"),
            ("#[derive(Debug)] pub struct Reader;", "/// Reads.\npub trait Reader {}"),
            ("pub union Reader { a: u8 }", "pub struct Reader;"),
            ("fn f() {} pub struct Reader {}", "impl A {} pub enum Reader { A }"),
        ] {
            assert_eq!(complaints(&[("src/a.rs", one), ("src/b/c.rs", other)]), 1, "{one} {other}");
            assert_eq!(complaints(&[("crates/x/src/a.rs", one), ("crates/x/src/b.rs", other)]), 1, "{one} {other}");
        }
        assert_eq!(
            complaints(&[("src/a.rs", "pub struct A; pub struct B;"), ("src/b.rs", "pub struct A; pub struct B;")]),
            2
        );
    }

    #[test]
    fn names_of_other_crates_of_tests_and_of_one_file_are_free() {
        let reader = "pub struct Reader;";
        for (path, text) in [
            ("crates/x/src/a.rs", reader),
            ("crates/x/tests/it/a.rs", reader),
            ("tests/it/a.rs", reader),
            ("src/tests.rs", reader),
            ("src/http/tests/a.rs", reader),
            ("src/writing_tests.rs", reader),
            ("src/b.rs", "struct Reader;"),
            ("src/b.rs", "#[cfg(test)] pub struct Reader;"),
            ("src/b.rs", "#[cfg(test)] mod tests { pub struct Reader; }"),
            ("src/b.rs", "#[cfg(not(unix))] pub struct Reader;"),
            ("src/b.rs", "pub type Reader = u8;"),
            ("src/b.rs", "fn f() { pub struct Reader; }"),
            ("src/b.rs", "// pub struct Reader;"),
        ] {
            assert_eq!(complaints(&[("src/a.rs", reader), (path, text)]), 0, "{path}: {text}");
        }
    }
}
