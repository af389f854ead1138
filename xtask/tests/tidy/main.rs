//! Enforces conventions that no compiler checks: dependencies between parts, sizes, and forbidden content.
//!
//! Each rule is a function from files to complaints, so that its unit tests can pass it samples.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod allowances;
mod budgets;
mod cycles;
mod imports;
mod lets;
mod links;
mod modules;
mod packages;
mod page_paths;
mod source;
mod supply_chain;
mod texts;
mod tree;
mod types;
mod words;

use tree::File;

/// A rule; returns complaints, each starting with the file's path.
type Rule = fn(&[File]) -> Vec<String>;

const RULES: &[(&str, Rule)] = &[
    ("packages depend on each other one way", packages::check),
    ("modules of the application use each other one way", modules::check),
    ("modules and files of a crate import from each other one way", cycles::check),
    ("what comes in from outside is what deny.toml lets in", supply_chain::check),
    ("files and functions stay short", budgets::check),
    ("links between pages lead somewhere", links::check),
    ("files that pages name exist", page_paths::check),
    ("types that other files see have a name of their own", types::check),
    ("one `let`, one binding", lets::check),
    ("the words are those of the field", words::check),
    ("nothing stands in a file that does not belong there", texts::check),
];

#[test]
fn the_tree_is_tidy() {
    let files = tree::files();
    assert!(files.iter().any(|file| file.path == "src/main.rs"), "the tree was not found");
    let complaints = RULES.iter().flat_map(|(rule, check)| {
        let complaints = check(&files).into_iter();
        complaints.map(move |complaint| format!("  {complaint}   ({rule})\n"))
    });
    let report: String = complaints.collect();
    assert!(report.is_empty(), "the tree is not tidy:\n{report}");
}
