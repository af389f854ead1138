//! Errors of an import.

use std::path::PathBuf;

use superbot_db::DbError;
use superbot_store::StoreError;

pub(super) type Result<T, E = ImportError> = std::result::Result<T, E>;

/// An error that ends an import.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is not a database of the Python Super-Bot, or cannot be read.
    #[error("cannot import {}: {why}", path.display())]
    NotImportable {
        /// The database file.
        path: PathBuf,
        /// The problem.
        why: String,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}
