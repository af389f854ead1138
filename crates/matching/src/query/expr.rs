//! What keywords say, once they are understood.

/// Keywords that were understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub(super) expr: Expr,
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

impl Query {
    /// What the query says.
    pub const fn expr(&self) -> &Expr {
        &self.expr
    }
}
