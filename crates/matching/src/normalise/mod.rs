//! Texts as both sides see them: queries and listings are cut into the same tokens.

mod cut;
mod fold;
pub(crate) mod forms;
pub(crate) mod scripts;
mod token;

use std::cell::RefCell;

use self::cut::Cutter;
pub(crate) use self::token::{Token, TokenKind, TokenRole};

/// The words of a text, folded: no accents, lower case, `ß` as `ss`, umlauts as one plain letter.
///
/// Whatever is neither letter nor digit separates, and so do the places where letters meet digits or letters of a script
/// without spaces.
pub fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    each_token(text, |token| {
        if token.role != TokenRole::Alternative {
            tokens.push(forms::short_form(token.text).into_owned());
        }
    });
    tokens
}

/// The tokens of a text with one space between each two.
pub fn normalised(text: &str) -> String {
    tokens(text).join(" ")
}

/// Calls back with each token, in order of their positions but for alternatives; returns the number of positions.
pub(crate) fn each_token(text: &str, emit: impl FnMut(Token<'_>)) -> u32 {
    thread_local! {
        /// Folded texts, so that not every text allocates.
        static FOLDED: RefCell<String> = const { RefCell::new(String::new()) };
    }
    /// Longer buffers are given back.
    const KEPT_BYTES: usize = 1 << 16;
    let mut folded = FOLDED.take();
    fold::fold_into(text, &mut folded);
    let positions = Cutter::new(&folded, emit).cut();
    if folded.capacity() <= KEPT_BYTES {
        FOLDED.set(folded);
    }
    positions
}

#[cfg(test)]
mod tests;
