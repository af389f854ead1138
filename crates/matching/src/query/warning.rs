//! What in keywords may mean something else than was meant.

use super::error::QueryError;
use super::lex::{Sign, lex};

/// Keywords that are understood, but perhaps not as they were meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {message}")]
pub struct QueryWarning {
    /// Where, counted in characters from 1.
    pub position: usize,
    /// How it is understood, and how to write the other meaning.
    pub message: String,
}

/// Words that look like operators, each with how to write that.
const OPERATORS: [(&str, &str); 3] = [
    ("or", "to find listings with either one, write OR or a comma"),
    ("and", "to find listings with both, leave it out or write AND"),
    ("not", "to leave out listings with the next word, write NOT or a hyphen before it"),
];

/// The warnings about keywords; none about those that are not understood.
pub(super) fn warnings(text: &str) -> Result<Vec<QueryWarning>, QueryError> {
    let mut warnings = Vec::new();
    for piece in lex(text)? {
        let message = match &piece.sign {
            Sign::Word(word) => OPERATORS
                .iter()
                .find(|(operator, _)| word.eq_ignore_ascii_case(operator))
                .map(|(_, meaning)| format!("\"{word}\" is a word that listings must contain; {meaning}")),
            Sign::Dash => Some(
                "a dash that touches no word behind it is ignored; to leave listings out, put it right before a word"
                    .to_owned(),
            ),
            _ => None,
        };
        warnings.extend(message.map(|message| QueryWarning { position: piece.position, message }));
    }
    Ok(warnings)
}
