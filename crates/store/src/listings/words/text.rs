//! What is looked for in the full-text index, before it is written as either database wants it.

use super::{fts5, tsearch};
use crate::sql::Dialect;

/// A condition on the words of a listing.
#[derive(Clone)]
pub(crate) enum Text {
    /// These words in a row; of the last one only the beginning, where `prefix` is set.
    Phrase { column: Column, words: Vec<String>, prefix: bool },
    /// Each of them; there is at least one.
    All(Vec<Self>),
    /// At least one of them; there is at least one.
    Any(Vec<Self>),
    /// The first, and not the second.
    Without(Box<(Self, Self)>),
}

/// Where words are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// In the title or in the description.
    Words,
    Place,
    Source,
    Price,
}

impl Text {
    pub(super) fn phrase(column: Column, words: impl IntoIterator<Item = String>, prefix: bool) -> Self {
        Self::Phrase { column, words: words.into_iter().collect(), prefix }
    }

    /// This, and not that.
    pub(crate) fn without(self, excluded: Self) -> Self {
        Self::Without(Box::new((self, excluded)))
    }

    /// As the database wants it.
    pub(crate) fn written(&self, dialect: Dialect) -> String {
        let mut written = String::new();
        match dialect {
            Dialect::Sqlite => fts5::write(self, &mut written),
            Dialect::Postgres => tsearch::write(self, &mut written),
        }
        written
    }
}

/// Writes parts with a word between them, all in brackets.
pub(super) fn joined(parts: &[Text], between: &str, write: fn(&Text, &mut String), out: &mut String) {
    out.push('(');
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            out.push_str(between);
        }
        write(part, out);
    }
    out.push(')');
}
