//! Cuts keywords into words, quotations and signs.

use super::error::QueryError;

/// A piece of the keywords, and where it begins.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) position: usize,
    pub(super) sign: Sign,
}

#[derive(Debug, PartialEq)]
pub(super) enum Sign {
    Open,
    Close,
    /// A comma or a line break.
    Comma,
    /// The word `OR`.
    Or,
    /// A hyphen in front of what it excludes.
    Minus,
    Word(String),
    Quoted(String),
}

const QUOTES: [char; 4] = ['"', '“', '”', '„'];
const DASHES: [char; 4] = ['-', '–', '—', '−'];

pub(super) fn lex(text: &str) -> Result<Vec<Piece>, QueryError> {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let start = at;
        at += 1;
        let sign = match c {
            '\n' | '\r' | ',' | '，' | '、' => Sign::Comma,
            _ if c.is_whitespace() => continue,
            '(' => Sign::Open,
            ')' => Sign::Close,
            _ if DASHES.contains(&c) => Sign::Minus,
            _ if QUOTES.contains(&c) => {
                let rest = &chars[at..];
                let Some(length) = rest.iter().position(|c| QUOTES.contains(c)) else {
                    return Err(QueryError::new(start + 1, "this quotation is not closed; put a \" at its end"));
                };
                at += length + 1;
                Sign::Quoted(rest[..length].iter().collect())
            }
            _ => {
                at += chars[at..].iter().enumerate().take_while(|(n, _)| is_inside(&chars, at + n)).count();
                let word: String = chars[start..at].iter().collect();
                if word == "OR" { Sign::Or } else { Sign::Word(word) }
            }
        };
        pieces.push(Piece { position: start + 1, sign });
    }
    Ok(pieces)
}

/// Whether the character goes on with a word; a comma does between digits, as in `1,200`.
fn is_inside(chars: &[char], at: usize) -> bool {
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    match chars[at] {
        ',' => is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)),
        c => !(c.is_whitespace() || QUOTES.contains(&c) || matches!(c, '(' | ')' | '，' | '、')),
    }
}
