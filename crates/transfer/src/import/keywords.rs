//! Conversion of the old program's keywords.
//!
//! There, keywords were comma-separated texts, and a listing matched if its title contained one of them as a substring,
//! even within a word. Here, keywords are words. Each text therefore becomes a phrase whose last word is a prefix if it
//! ends in a letter: `trans am, truck` becomes `"trans am*", truck*`, which still matches "trucks". Numbers are not
//! made prefixes, as a search for "iphone 1" does not mean "iphone 15". Matches within a word are lost: `vette` does
//! not match "corvette".

use superbot_matching::{Expr, Query, Term, tokens};

/// Converted keywords, and the parts that could not be converted.
#[derive(Debug, PartialEq)]
pub(super) struct ImportedKeywords {
    /// Empty if nothing could be converted.
    pub(super) text: String,
    /// Texts that were omitted, with the reason.
    pub(super) left_out: Vec<(String, &'static str)>,
}

impl ImportedKeywords {
    pub(super) fn of(old: &str) -> Self {
        let mut texts = Vec::<String>::new();
        let mut left_out = Vec::new();
        // An empty text between two commas matched everything, which cannot have been intended.
        for text in old.split(',').map(str::trim).filter(|text| !text.is_empty()) {
            match phrase(text) {
                Ok(phrase) if texts.contains(&phrase) => {}
                Ok(phrase) => texts.push(phrase),
                Err(why) => left_out.push((text.to_owned(), why)),
            }
        }
        Self { text: texts.join(", "), left_out }
    }
}

/// What has a meaning of its own here, and had none in the old program.
const SIGNS: &str = "*\"“”„‟＂«»‹›「」『』()（），、；;|｜";

/// One text as a phrase, written as plainly as it can be.
fn phrase(text: &str) -> Result<String, &'static str> {
    if text.starts_with(['-', '–', '—', '−']) {
        return Err(
            "starts with a hyphen, which was searched for literally; to exclude a word, edit the imported query",
        );
    }
    let plain = text.replace(|c: char| c.is_whitespace() || SIGNS.contains(c), " ");
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = tokens(&plain);
    if words.is_empty() {
        return Err("has neither letters nor digits");
    }
    let goes_on = plain.ends_with(char::is_alphabetic)
        && words.last().is_some_and(|word| word.ends_with(char::is_alphabetic))
        && words.iter().map(|word| word.chars().count()).sum::<usize>() > 1;
    let star = if goes_on { "*" } else { "" };
    let quoted = format!("\"{plain}{star}\"");
    let Some(meant) = read_term(&quoted) else { return Err("cannot be said in the words of this program") };
    let unquoted = format!("{plain}{star}");
    let is_same = |term: Term| term.words().eq(meant.words()) && term.is_open() == meant.is_open();
    Ok(if read_term(&unquoted).is_some_and(is_same) { unquoted } else { quoted })
}

/// The term that keywords are, if they are a single one.
fn read_term(keywords: &str) -> Option<Term> {
    match Query::parse(keywords).ok()?.expr() {
        Expr::Term(term) => Some(term.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(old: &str) -> (String, Vec<String>) {
        let ImportedKeywords { text, left_out } = ImportedKeywords::of(old);
        (text, left_out.into_iter().map(|(text, _)| text).collect())
    }

    #[test]
    fn keywords_go_on_finding_what_they_found() {
        for (old, new) in [
            ("Firebird,Camaro, Corvette", "Firebird*, Camaro*, Corvette*"),
            ("trans am", "\"trans am*\""),
            ("iphone 12", "\"iphone 12\""),
            ("F-150", "F-150"),
            ("rx7", "rx7"),
            ("t", "t"),
            ("z 06 coupé", "\"z 06 coupé*\""),
            ("truck,,truck, ", "truck*"),
            ("this OR that", "\"this OR that*\""),
            ("OR", "OR*"),
            ("for parts (not running)", "\"for parts not running*\""),
            ("merc*", "merc*"),
            ("5\" screen", "\"5 screen*\""),
            ("c++", "c++"),
            ("salt & pepper", "\"salt & pepper*\""),
            ("", ""),
        ] {
            assert_eq!(of(old), (new.to_owned(), vec![]), "{old}");
        }
    }

    #[test]
    fn what_means_nothing_is_named() {
        assert_eq!(of("++, ford, -parts"), ("ford*".to_owned(), vec!["++".to_owned(), "-parts".to_owned()]));
        assert_eq!(of("&"), (String::new(), vec!["&".to_owned()]));
    }
}
