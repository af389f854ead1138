//! Why keywords are refused.

/// Why keywords were not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {message}")]
pub struct QueryError {
    position: usize,
    message: String,
}

impl QueryError {
    pub(crate) fn new(position: usize, message: impl Into<String>) -> Self {
        Self { position, message: message.into() }
    }

    /// Where, counted in characters from 1.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// What is wrong there, and what would be right.
    pub fn message(&self) -> &str {
        &self.message
    }
}
