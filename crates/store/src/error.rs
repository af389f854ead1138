//! Errors of the store.

use superbot_db::DbError;
use superbot_db::writer::WriteError;
use superbot_domain::{FieldError, InvalidField, InvalidFields};
use superbot_matching::QueryError;

/// Result of a store operation.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An error of the store.
///
/// It implements `Clone` because all requests of a group receive the error of their shared commit.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// An error of the database layer.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The store is the target of a copy that was interrupted.
    #[error(
        "the store is an unfinished copy of another one; finish it with the same `superbot store copy`, or delete it"
    )]
    Unfinished,
    /// A newer version of the program reads the texts of this store's listings.
    #[error(
        "the store's listings are read by version {found} of the rules for texts, newer than this program, which knows {known}; \
         use the newer program"
    )]
    NewerReaders {
        /// The newest version that has opened the store.
        found: i64,
        /// The version of this program.
        known: i64,
    },
    /// The address is neither of SQLite nor of Postgres.
    #[error("{0:?} is not the address of a store; give sqlite:PATH or postgres://USER@HOST/DATABASE")]
    BadUrl(String),
    /// There is no store at this address.
    #[error("there is no store at {0}")]
    NoStore(String),
    /// Another user has this name, compared without regard to case.
    #[error("that name is taken")]
    NameTaken,
    /// Another source has this name.
    #[error("there is a source of that name")]
    SourceExists,
    /// The first admin can be created only while there is none.
    #[error("the first admin exists already")]
    AlreadySetUp,
    /// The invitation does not exist, was used, or has expired.
    #[error("the invitation is not valid: it does not exist, was used, or has expired")]
    BadInvite,
    /// The user has reached the maximum number of favourites.
    #[error("there are {0} favourites already")]
    TooManyFavorites(i64),
    /// The standing query has reached the maximum number of ignored listings.
    #[error("it ignores {0} listings already, the maximum")]
    TooManyIgnored(i64),
    /// The user has reached the maximum number of API tokens.
    #[error("there are {0} API tokens already; revoke some first")]
    TooManyTokens(i64),
    /// The change would leave no enabled admin.
    #[error("this is the only enabled admin; make another one first")]
    LastAdmin,
    /// The pagination cursor was not issued by this store.
    #[error("the cursor is invalid; start without one")]
    BadCursor,
    /// The idempotency key was used for a request with other content.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// The input violates a rule, or conflicts with stored data.
    #[error(transparent)]
    Invalid(#[from] InvalidFields),
    /// The event violates a rule of the log; the transaction that emits it is rolled back.
    #[error("an event cannot be added to the log: {0}")]
    InvalidEvent(String),
}

impl StoreError {
    /// Returns the error for a stored value that violates its type's rules.
    #[expect(clippy::needless_pass_by_value, reason = "the argument of map_err takes the error")]
    pub fn corrupt(what: impl ToString) -> Self {
        Self::Db(DbError::Corrupt(what.to_string()))
    }
}

impl From<InvalidField> for StoreError {
    /// Converts a failed parse of a stored value: only valid values are written, so the database was changed by other
    /// means.
    fn from(error: InvalidField) -> Self {
        Self::corrupt(error)
    }
}

/// Returns the error for invalid keywords in a field, with their position.
pub(crate) fn wrong_keywords(field: &str, error: &QueryError) -> StoreError {
    // The query parser counts characters from 1, field errors from 0.
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
