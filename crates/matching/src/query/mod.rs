//! Keywords, read.

mod error;
mod expr;
mod lex;
mod number;
mod parse;
mod print;
mod term;
#[cfg(test)]
mod tests;
mod warning;

pub use self::error::QueryError;
pub use self::expr::{Expr, NumberRange, Query};
pub use self::term::{PatternKind, Term, WordPattern};
pub(crate) use self::term::{PlainWord, SHORTEST_PART, is_run};
pub use self::warning::QueryWarning;

impl Query {
    /// What in keywords may mean something else than was meant; nothing where they are not understood.
    pub fn warnings(text: &str) -> Vec<QueryWarning> {
        warning::warnings(text).unwrap_or_default()
    }

    /// Reads keywords that were saved, perhaps when the language had fewer operators. What is not understood any more means that
    /// all of its words are looked for.
    ///
    /// # Errors
    /// Those of [`Query::parse`], where there are no words.
    pub fn parse_stored(text: &str) -> Result<Self, QueryError> {
        Self::parse(text).or_else(|error| {
            let words = crate::normalise::tokens(text);
            let words = words.iter().filter_map(|word| Term::read(word, false, false, false)).map(Expr::Term);
            let words: Vec<Expr> = words.collect();
            if words.is_empty() { Err(error) } else { Ok(Self { expr: expr::all(words) }) }
        })
    }

    /// The query with each word in place of which a longer one that contains it counts as well; `None` where it has no such word.
    pub fn widened(&self) -> Option<Self> {
        let expr = widened(&self.expr);
        (expr != self.expr).then_some(Self { expr })
    }
}

fn widened(expr: &Expr) -> Expr {
    match expr {
        Expr::Term(term) => Expr::Term(term.widened().unwrap_or_else(|| term.clone())),
        Expr::All(parts) => Expr::All(parts.iter().map(widened).collect()),
        Expr::Any(branches) => Expr::Any(branches.iter().map(widened).collect()),
        Expr::Numbers(_) | Expr::Not(_) => expr.clone(),
    }
}
