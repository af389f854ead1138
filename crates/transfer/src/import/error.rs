//! Why an import failed.

use std::path::PathBuf;

use superbot_db::DbError;
use superbot_store::StoreError;

pub(super) type Result<T, E = ImportError> = std::result::Result<T, E>;

/// Why an import failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is no database of the Python Super-Bot, or cannot be read.
    #[error("cannot take over {}: {why}", path.display())]
    NotImportable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
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
