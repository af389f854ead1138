//! Comments, pages, logs and messages are written in the field's terms: words of a private dialect are listed, and what is
//! left of them may only become less.

use std::collections::BTreeMap;

use crate::allowances::{Occurrences, compare};
use crate::source::{Language, blank};
use crate::tree::File;

/// Words to avoid, each as the words that follow one another.
const DIALECT: [&[&str]; 17] = [
    &["whoever"],
    &["so", "many"],
    &["so", "long"],
    &["what", "became", "of"],
    &["anew"],
    &["nobody"],
    &["told"],
    &["tell"],
    &["tells"],
    &["be", "it"],
    &["what", "befalls"],
    &["hold", "against"],
    &["held", "against"],
    &["meanwhile"],
    &["go", "on"],
    &["goes", "on"],
    &["the", "same", "for"],
];

/// Checks comments and strings of Rust files, and pages.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let mut found: Occurrences = BTreeMap::new();
    // This folder has to name what it forbids; what a release said, it has said.
    let checked =
        files.iter().filter(|file| !file.path.starts_with("xtask/tests/tidy/") && file.path != "CHANGELOG.md");
    for file in checked {
        let occurrences = match () {
            () if file.is(&["rs"]) => dialect(&prose(&file.text)),
            () if file.is(&["md"]) || file.path.ends_with(".default.toml") => dialect(&file.text),
            () => continue,
        };
        if !occurrences.is_empty() {
            let shown = occurrences.into_iter().map(|(line, phrase)| format!("line {line}: \"{phrase}\"")).collect();
            found.insert(&file.path, shown);
        }
    }
    compare("words", files, &found)
}

/// The comments and what stands in strings; the code is blanked.
fn prose(text: &str) -> String {
    let code = blank(text, Language::Rust);
    let keep = |(shown, code): (char, char)| if shown == code && shown != '\n' { ' ' } else { shown };
    text.chars().zip(code.chars()).map(keep).collect()
}

/// The lines (from 1) that words of the dialect begin on. Words of a phrase may stand on two lines of a comment.
fn dialect(text: &str) -> Vec<(usize, String)> {
    let words = words(text);
    let starts_here = |at: usize, phrase: &[&str]| {
        words.len() >= at + phrase.len()
            && phrase.iter().zip(&words[at..]).enumerate().all(|(index, (expected, word))| {
                word.text.eq_ignore_ascii_case(expected) && (index == 0 || word.follows)
            })
    };
    let found = (0..words.len()).flat_map(|at| {
        let phrases = DIALECT.iter().filter(move |phrase| starts_here(at, phrase));
        phrases.map(move |phrase| (at, phrase.join(" ")))
    });
    found.map(|(at, phrase)| (words[at].line, phrase)).collect()
}

struct Word<'a> {
    text: &'a str,
    line: usize,
    /// Whether only spaces, line ends and the marks of comments stand before it.
    follows: bool,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '\'' || c == '’';
    let mut words = Vec::new();
    let mut line = 1;
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let (between, tail) = rest.split_at(start);
        line += between.matches('\n').count();
        let end = tail.find(|c| !is_part(c)).unwrap_or(tail.len());
        let follows = between.chars().all(|c| c.is_whitespace() || matches!(c, '/' | '!' | '*' | '>'));
        words.push(Word { text: tail[..end].trim_matches(['\'', '’']), line, follows });
        rest = &tail[end..];
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        dialect(&prose(text)).into_iter().map(|(line, _)| line).collect()
    }

    #[test]
    fn words_of_the_dialect_are_found() {
        for text in [
            "// whoever asks",
            "/// Nobody is here.",
            "//! Told.",
            "/* tells */",
            "/* a /* meanwhile */ b */",
            "log(\"it goes on\")",
            "log(r#\"made anew\"#)",
            "let a = b; // so many",
            "// what became of it",
            "// be it",
            "// what befalls it",
            "// held against it",
            "// the same\n// for others",
        ] {
            assert_eq!(lines(text), [1], "{text}");
        }
        assert_eq!(lines("fn f() {}\n// so\n// long, and told\n"), [2, 3]);
    }

    #[test]
    fn code_and_other_words_are_not() {
        for text in [
            "fn told() { tell(); nobody.meanwhile }",
            "fn what_is_told() {}",
            "// `what_is_told` stays",
            "// so, many",
            "// a storyteller foretells",
            "// maybe it",
            "// the same. For others",
            "// not the same fork",
            "// goes out, on",
            "// as many as so",
            "// nobody's_name_here",
        ] {
            assert_eq!(lines(text), [0; 0], "{text}");
        }
    }

    #[test]
    fn pages_are_read_whole() {
        let list = File::sample("xtask/tests/tidy/allowances.txt", "");
        let complaints = |path: &str| {
            check(&[File::sample(path, "so many\n"), File { path: list.path.clone(), text: String::new() }]).len()
        };
        for (path, expected) in [
            ("README.md", 1),
            ("docs/a.md", 1),
            ("src/a.default.toml", 1),
            ("CHANGELOG.md", 0),
            ("src/a.rs", 0),
            ("a.json", 0),
        ] {
            assert_eq!(complaints(path), expected, "{path}");
        }
    }
}
