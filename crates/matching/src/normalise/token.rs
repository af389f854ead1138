//! What texts are cut into.

/// A word of a text, or a run of letters of a script that has no spaces.
///
/// Words take one position each, runs one for each character, so that phrases can be found by positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'t> {
    /// Folded; umlauts have further forms, see [`super::forms`].
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
