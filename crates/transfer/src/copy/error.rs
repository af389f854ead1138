//! Why a store was not copied.

use std::path::PathBuf;
use std::sync::Arc;

use superbot_db::DbError;
use superbot_store::StoreError;

pub(super) type Result<T, E = CopyError> = std::result::Result<T, E>;

/// Why a store was not copied, backed up or restored.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CopyError {
    /// The backup cannot be read.
    #[error("cannot read the backup {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: Arc<std::io::Error>,
    },
    /// The file to be restored is no backup, or a damaged one.
    #[error("{} {why}; nothing was changed", path.display())]
    BadBackup {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A program has the store open that is to be written.
    #[error("the store that is to be written is in use; stop the server and all that works on it first")]
    InUse,
    /// There is something already where the store is to be written.
    #[error("the store that is to be written is not empty: its table {table} has rows")]
    NotEmpty {
        /// One that has.
        table: &'static str,
    },
    /// What is there belongs to another program.
    #[error("what is there is no store, and is not empty")]
    Foreign,
    /// Another store was being copied to that place.
    #[error(
        "the store that is to be written is an unfinished copy of another store; finish that one, or delete what is there"
    )]
    OtherCopy,
    /// What was written is not what had been read.
    #[error("the copy is not the same as the store: the table {table} differs; it is left unfinished")]
    Differs {
        /// Where.
        table: &'static str,
    },
    /// The two stores do not have the same columns, although their schemas have the same version.
    #[error(
        "the store has no column {table}.{column} of the type that the store to be written has; nothing was copied"
    )]
    MissingColumn {
        /// The table that lacks it.
        table: &'static str,
        /// The column.
        column: String,
    },
    /// There is a file of that name.
    #[error("there is a file {} already", .0.display())]
    Exists(PathBuf),
    /// The backup would overwrite what it is a backup of.
    #[error("{} is the store itself", .0.display())]
    Itself(PathBuf),
    /// What belongs to a store whose own file is not there.
    #[error("{} is left of a store that is not there; move it away first", .0.display())]
    LeftOver(PathBuf),
    /// A file could not be made, moved or written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: Arc<std::io::Error>,
    },
    /// One of the two stores failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<DbError> for CopyError {
    fn from(error: DbError) -> Self {
        Self::Store(error.into())
    }
}
