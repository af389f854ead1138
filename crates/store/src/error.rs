//! Why the store could not do what it was asked.

use superbot_db::DbError;
use superbot_db::writer::WriteError;
use superbot_domain::{FieldError, InvalidField, InvalidFields};
use superbot_matching::QueryError;

/// What the store answers.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Why the store could not do what it was asked.
///
/// It can be cloned because all the writes of a group hear why their commit failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store is a copy of another one that was not finished.
    #[error(
        "the store is an unfinished copy of another one; finish it with the same `superbot store copy`, or delete it"
    )]
    Unfinished,
    /// The address of the store is not one that this program understands.
    #[error("{0:?} is no store; give sqlite:PATH or postgres://USER@HOST/DATABASE")]
    BadUrl(String),
    /// There is no store where one must be.
    #[error("there is no store at {0}")]
    NoStore(String),
    /// There is a user of that name.
    #[error("that name is taken")]
    NameTaken,
    /// There is a source of that name.
    #[error("there is a source of that name")]
    SourceExists,
    /// There is an admin already.
    #[error("the first admin exists already")]
    AlreadySetUp,
    /// The invitation does not exist, was used, or has expired.
    #[error("the invitation is not valid: it does not exist, was used, or has expired")]
    BadInvite,
    /// The user has as many favourites as there may be.
    #[error("there are {0} favourites already")]
    TooManyFavorites(i64),
    /// The standing query ignores as many listings as it may.
    #[error("there are {0} listings that it ignores already")]
    TooManyIgnored(i64),
    /// The user has as many API tokens as there may be.
    #[error("there are {0} API tokens already; revoke some first")]
    TooManyTokens(i64),
    /// No other enabled admin would be left.
    #[error("this is the only enabled admin; make another one first")]
    LastAdmin,
    /// The cursor is none that this store gave.
    #[error("the cursor is not one that was given out; begin without one")]
    BadCursor,
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// What was given does not fit what is there.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// An event cannot be added to the log as it is; the transaction that was to emit it fails.
    #[error("an event cannot be added to the log: {0}")]
    InvalidEvent(String),
}

impl StoreError {
    /// A value in the store is not what it should be.
    #[expect(clippy::needless_pass_by_value, reason = "the argument of map_err takes the error")]
    pub fn corrupt(what: impl ToString) -> Self {
        Self::Db(DbError::Corrupt(what.to_string()))
    }
}

impl From<InvalidField> for StoreError {
    /// What was stored was valid; what cannot be read back was not written by this program.
    fn from(error: InvalidField) -> Self {
        Self::corrupt(error)
    }
}

/// The error of a field of keywords, with the place where they are wrong.
pub(crate) fn wrong_keywords(field: &str, error: &QueryError) -> StoreError {
    // The parser counts from 1.
    let located = FieldError::new(field, error.message()).at_position(error.position().saturating_sub(1));
    InvalidFields::from(located).into()
}

impl WriteError for StoreError {
    fn database(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}
