//! Keywords, read.

mod lex;
mod parse;
mod print;

/// Keywords that were understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    expr: Expr,
}

/// What a query says. There is always something in it that must be there, not only what must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Words next to each other.
    Term(Term),
    /// All of these, at least two: first what must be there, then what must not.
    All(Vec<Expr>),
    /// One of these, at least two.
    Any(Vec<Expr>),
    /// Not this; it stands only in [`Expr::All`].
    Not(Box<Expr>),
}

/// One word, or several next to each other and in this order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// At least one token.
    pub words: Vec<Box<str>>,
    /// Whether the last word is only how a word begins.
    pub prefix: bool,
}

/// Why keywords were not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {message}")]
pub struct QueryError {
    position: usize,
    message: String,
}

impl Query {
    /// Reads keywords of at most 500 characters, 64 terms and 16 levels of parentheses.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text).map(|expr| Self { expr })
    }

    /// What the query says.
    pub const fn expr(&self) -> &Expr {
        &self.expr
    }
}

impl QueryError {
    pub(crate) fn new(position: usize, message: impl Into<String>) -> Self {
        Self { position, message: message.into() }
    }

    /// Where, counted in characters from 1.
    pub const fn position(&self) -> usize {
        self.position
    }
}

#[cfg(test)]
mod tests;
