//! Cuts keywords into words, quotations and signs.

use super::error::QueryError;
use crate::normalise::scripts::is_ignorable;

/// A piece of the keywords, and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) position: usize,
    pub(super) sign: Sign,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sign {
    Open,
    Close,
    /// A comma, a semicolon or a line break.
    Comma,
    /// `OR` or `|`.
    Or,
    /// `AND`.
    And,
    /// A hyphen in front of what it excludes.
    Minus,
    /// `NOT`.
    Not,
    /// A dash that touches no word behind it, which is punctuation.
    Dash,
    Word(String),
    Quoted(String),
}

const DASHES: [char; 6] = ['-', '‐', '‑', '–', '—', '−'];
/// Quotation marks that close what others of the same kind open.
const QUOTES: [&str; 3] = ["\"“”„‟＂", "«»‹›", "「」『』"];
const SINGLE_QUOTES: &str = "'‘’‚";
const COMMAS: &str = "\n\r,;，、；";

pub(super) fn lex(text: &str) -> Result<Vec<Piece>, QueryError> {
    // Characters without width mean nothing wherever they are.
    let (positions, chars): (Vec<usize>, Vec<char>) =
        text.chars().enumerate().filter(|(_, c)| !is_ignorable(*c)).map(|(at, c)| (at + 1, c)).unzip();
    let mut lexer = Lexer { chars: &chars, at: 0 };
    let mut pieces = Vec::new();
    while let Some(&c) = chars.get(lexer.at) {
        let start = lexer.at;
        if !COMMAS.contains(c) && c.is_whitespace() {
            lexer.at += 1;
            continue;
        }
        let sign = lexer
            .sign(c)
            .ok_or_else(|| QueryError::new(positions[start], "this quotation is not closed; put a \" at its end"))?;
        pieces.push(Piece { position: positions[start], sign });
    }
    Ok(pieces)
}

struct Lexer<'c> {
    chars: &'c [char],
    at: usize,
}

impl Lexer<'_> {
    /// The sign that begins here; `None` for a quotation that is not closed.
    fn sign(&mut self, first: char) -> Option<Sign> {
        let start = self.at;
        self.at += 1;
        Some(match first {
            '(' | '（' => Sign::Open,
            ')' | '）' => Sign::Close,
            '|' | '｜' => {
                self.at += usize::from(self.chars.get(self.at) == Some(&first));
                Sign::Or
            }
            c if COMMAS.contains(c) => Sign::Comma,
            c if DASHES.contains(&c) => self.dash(),
            c if quotes_of(c).is_some() => self.quotation(quotes_of(c)?)?,
            c if SINGLE_QUOTES.contains(c) && self.single_quotation().is_some() => {
                let end = self.single_quotation()?;
                self.at = end + 1;
                Sign::Quoted(self.chars[start + 1..end].iter().collect())
            }
            _ => self.word(start),
        })
    }

    fn dash(&self) -> Sign {
        let ends_branch = |next: char| next.is_whitespace() || COMMAS.contains(next) || ")）|｜".contains(next);
        if self.chars.get(self.at).is_none_or(|next| ends_branch(*next)) { Sign::Dash } else { Sign::Minus }
    }

    fn quotation(&mut self, quotes: &str) -> Option<Sign> {
        let start = self.at;
        let is_quote = |at: usize| quotes.contains(self.chars[at]);
        let end = (start..self.chars.len()).find(|at| {
            is_quote(*at) && !(*at > start && self.is_behind_digit(*at) && self.closes_later(*at, quotes))
        })?;
        self.at = end + 1;
        Some(Sign::Quoted(self.chars[start..end].iter().collect()))
    }

    /// Whether the next quotation mark that is no inch closes a quotation, as it stands right behind a word: then the mark here is
    /// an inch.
    fn closes_later(&self, at: usize, quotes: &str) -> bool {
        let is_mark = |at: &usize| quotes.contains(self.chars[*at]) && !self.is_behind_digit(*at);
        let next = (at + 1..self.chars.len()).find(is_mark);
        next.is_some_and(|next| !(self.chars[next - 1].is_whitespace() || "(（-,;|".contains(self.chars[next - 1])))
    }

    /// The end of a quotation with single marks, which may be apostrophes as well.
    fn single_quotation(&self) -> Option<usize> {
        let begins_word = self.chars.get(self.at).is_some_and(|c| c.is_alphanumeric() || *c == '*');
        let is_end = |at: &usize| {
            let next = self.chars.get(at + 1);
            SINGLE_QUOTES.contains(self.chars[*at])
                && !self.chars[at - 1].is_whitespace()
                && next.is_none_or(|c| c.is_whitespace() || COMMAS.contains(*c) || ")）|｜".contains(*c))
        };
        (self.at + 1..self.chars.len()).find(is_end).filter(|_| begins_word)
    }

    fn word(&mut self, start: usize) -> Sign {
        while self.at < self.chars.len() && self.is_inside(self.at) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        match &*word {
            "OR" => Sign::Or,
            "AND" | "&&" => Sign::And,
            "NOT" => Sign::Not,
            _ => Sign::Word(word),
        }
    }

    /// Whether the character goes on with a word; a comma does between digits, as in `1,200`, and so does an inch behind one.
    fn is_inside(&self, at: usize) -> bool {
        let next_is_digit = || self.chars.get(at + 1).is_some_and(char::is_ascii_digit);
        match self.chars[at] {
            ',' => self.is_behind_digit(at) && next_is_digit(),
            c if QUOTES[0].contains(c) => self.is_behind_digit(at),
            c => !(c.is_whitespace() || COMMAS.contains(c) || "()（）|｜".contains(c) || quotes_of(c).is_some()),
        }
    }

    fn is_behind_digit(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|before| self.chars[before].is_numeric())
    }
}

fn quotes_of(c: char) -> Option<&'static str> {
    QUOTES.into_iter().find(|quotes| quotes.contains(c))
}
