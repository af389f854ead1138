//! Texts as both sides see them: queries and listings are cut into the same tokens.

mod cut;
mod fold;
pub(crate) mod forms;
pub(crate) mod scripts;

use std::cell::RefCell;

use self::cut::Cutter;

/// A word of a text, or a run of letters of a script that has no spaces.
///
/// Words take one position each, runs one for each character, so that phrases can be found by positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    /// Folded; umlauts have further forms, see [`forms`].
    pub(crate) text: &'t str,
    pub(crate) start: u32,
    /// The position behind it.
    pub(crate) end: u32,
    pub(crate) kind: TokenKind,
    pub(crate) role: TokenRole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Word,
    Run,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenRole {
    /// One of those that the text consists of.
    Primary,
    /// The same, connected with the one before by a hyphen, an apostrophe or as digits of one number.
    Connected,
    /// Another way to write what is at these positions: several words in one, or another name of a unit.
    Alternative,
}

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
