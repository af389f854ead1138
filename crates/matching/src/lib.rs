#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod batch;
mod criteria;
mod explain;
mod index;
mod indexed;
mod normalise;
mod query;
mod text;

pub use batch::Batch;
pub use criteria::{Criteria, Facts, PriceRange};
pub use explain::{Verdict, explain};
pub use index::{Index, MemoryUse, QueryId};
pub use indexed::{IndexedPattern, WORD_GAP, indexed_words};
pub use normalise::{normalised, tokens};
pub use query::{Expr, NumberRange, PatternKind, Query, QueryError, QueryWarning, Term, WordPattern};
