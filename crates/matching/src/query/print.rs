//! Writes queries so that reading them again gives the same.

use std::fmt;

use super::expr::{Expr, NumberRange, Query};
use super::number::GROUP_DIGITS;
use super::term::{Term, TermWord, is_run};

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::Numbers(range) => range.fmt(f),
            Self::All(parts) => list(f, parts, between_parts, |part| matches!(part, Self::Any(_))),
            Self::Any(branches) => list(
                f,
                branches,
                |_, _| ", ",
                |branch| match branch {
                    // Outside parentheses an exclusion would cover the other branches too.
                    Self::All(parts) => parts.iter().any(|part| matches!(part, Self::Not(_))),
                    _ => false,
                },
            ),
            Self::Not(excluded) => match &**excluded {
                Self::Term(term) => write!(f, "-{term}"),
                Self::Numbers(range) => write!(f, "-{range}"),
                group => write!(f, "-({group})"),
            },
        }
    }
}

impl fmt::Display for NumberRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.last)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_quoted {
            return write!(f, "\"{}\"", self.phrase());
        }
        f.write_str(&self.written(|before, word| between_apart(&before.text, &word.text)))
    }
}

impl Term {
    /// The words as in a quotation, without its marks.
    pub(crate) fn phrase(&self) -> String {
        self.written(|before, word| if are_groups(&before.text, &word.text) { "/" } else { " " })
    }

    fn written(&self, apart: impl Fn(&TermWord, &TermWord) -> &'static str) -> String {
        let star = |is_open| if is_open { "*" } else { "" };
        let mut text = star(self.open_start).to_owned();
        let mut before: Option<&TermWord> = None;
        for word in &self.words {
            text.push_str(match before {
                None => "",
                Some(_) if word.is_connected => "-",
                Some(before) => apart(before, word),
            });
            text.push_str(&word.text);
            before = Some(word);
        }
        text + star(self.open_end)
    }
}

/// What must be written between two words of one term that are not connected.
fn between_apart(before: &str, word: &str) -> &'static str {
    let kind = |word: &str| (is_number(word), is_run(word));
    let is_plain = |word: &str| !word.contains(['+', '#', '.']);
    if kind(before) != kind(word) && is_plain(before) && is_plain(word) { "" } else { "/" }
}

/// What separates two parts that are both wanted: one space between groups of digits would make them one number.
fn between_parts(before: &Expr, part: &Expr) -> &'static str {
    let word = |expr| match expr {
        &Expr::Term(Term { ref words, is_quoted: false, .. }) => match &words[..] {
            [word] => Some(&word.text),
            _ => None,
        },
        _ => None,
    };
    match (word(before), word(part)) {
        (Some(before), Some(part)) if are_groups(before, part) => "  ",
        _ => " ",
    }
}

/// Whether a space between two words would make them the thousands of one number.
fn are_groups(before: &str, word: &str) -> bool {
    is_number(before) && is_number(word) && word.len() == GROUP_DIGITS
}

fn is_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
}

fn list(
    f: &mut fmt::Formatter<'_>,
    parts: &[Expr],
    between: impl Fn(&Expr, &Expr) -> &'static str,
    enclosed: impl Fn(&Expr) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        let before = index.checked_sub(1).map_or("", |before| between(&parts[before], part));
        if enclosed(part) { write!(f, "{before}({part})")? } else { write!(f, "{before}{part}")? }
    }
    Ok(())
}
