//! Writes queries so that reading them again gives the same.

use std::fmt;

use super::expr::{Expr, Query, Term};

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Term(term) => term.fmt(f),
            Self::All(parts) => list(f, parts, " ", |part| matches!(part, Self::Any(_))),
            Self::Any(branches) => list(f, branches, ", ", |branch| match branch {
                // Outside parentheses an exclusion would cover the other branches too.
                Self::All(parts) => parts.iter().any(|part| matches!(part, Self::Not(_))),
                _ => false,
            }),
            Self::Not(excluded) => match &**excluded {
                Self::Term(term) => write!(f, "-{term}"),
                group => write!(f, "-({group})"),
            },
        }
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.prefix { "*" } else { "" };
        match &*self.words {
            [word] => write!(f, "{word}{star}"),
            words => write!(f, "\"{}{star}\"", words.join(" ")),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, parts: &[Expr], between: &str, enclosed: impl Fn(&Expr) -> bool) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        let before = if index == 0 { "" } else { between };
        if enclosed(part) { write!(f, "{before}({part})")? } else { write!(f, "{before}{part}")? }
    }
    Ok(())
}
