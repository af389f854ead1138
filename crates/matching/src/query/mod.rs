//! Keywords, read.

mod error;
mod expr;
mod lex;
mod parse;
mod print;
#[cfg(test)]
mod tests;

pub use self::error::QueryError;
pub use self::expr::{Expr, Query, Term};
