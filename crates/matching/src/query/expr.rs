//! What keywords say, once they are understood.

use super::term::Term;

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
    /// One of several numbers.
    Numbers(NumberRange),
    /// All of these, at least two: first what must be there, then what must not.
    All(Vec<Expr>),
    /// One of these, at least two.
    Any(Vec<Expr>),
    /// Not this; it stands only in [`Expr::All`].
    Not(Box<Expr>),
}

/// Whole numbers from the first to the last, at most [`NumberRange::MAX_SPAN`] apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberRange {
    /// The lowest.
    pub first: u64,
    /// The highest.
    pub last: u64,
}

impl NumberRange {
    /// Every number of a range is looked up, so a range has few.
    pub const MAX_SPAN: u64 = 200;

    /// The numbers as they stand in a text.
    pub fn words(self) -> impl Iterator<Item = String> {
        (self.first..=self.last).map(|number| number.to_string())
    }
}

impl Query {
    /// What the query says.
    pub const fn expr(&self) -> &Expr {
        &self.expr
    }
}

/// All of these, without needless layers; what must not be there comes last.
pub(super) fn all(exprs: Vec<Expr>) -> Expr {
    let mut flat = Vec::with_capacity(exprs.len());
    for expr in exprs {
        match expr {
            Expr::All(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1
        && let Some(only) = flat.pop()
    {
        return only;
    }
    flat.sort_by_key(|expr| matches!(expr, Expr::Not(_)));
    Expr::All(flat)
}

/// One of these, without needless layers.
pub(super) fn any(exprs: Vec<Expr>) -> Expr {
    let mut flat = Vec::with_capacity(exprs.len());
    for expr in exprs {
        match expr {
            Expr::Any(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    for at in (1..flat.len()).rev() {
        if flat[..at].contains(&flat[at]) {
            flat.remove(at);
        }
    }
    if flat.len() == 1
        && let Some(only) = flat.pop()
    {
        return only;
    }
    Expr::Any(flat)
}
