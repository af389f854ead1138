//! Errors of copies, backups and restores.

use std::path::PathBuf;
use std::sync::Arc;

use superbot_db::DbError;
use superbot_store::StoreError;

pub(super) type Result<T, E = CopyError> = std::result::Result<T, E>;

/// An error of a copy, backup or restore.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CopyError {
    /// The backup cannot be opened.
    #[error("cannot read the backup {}: {error}", path.display())]
    Unreadable {
        /// The backup file.
        path: PathBuf,
        /// The error of the operating system.
        error: Arc<std::io::Error>,
    },
    /// The file is not a backup, or is damaged.
    #[error("{} {why}; nothing was changed", path.display())]
    BadBackup {
        /// The backup file.
        path: PathBuf,
        /// The problem; completes a sentence that starts with the path.
        why: String,
    },
    /// Another process has the target store open.
    #[error("the store that is to be written is in use; stop the server and all that works on it first")]
    InUse,
    /// The target store contains data.
    #[error("the store that is to be written is not empty: its table {table} has rows")]
    NotEmpty {
        /// A table with rows.
        table: &'static str,
    },
    /// The target contains tables of another program.
    #[error("the target is not a store, and is not empty")]
    Foreign,
    /// The target is an unfinished copy of another store.
    #[error(
        "the store that is to be written is an unfinished copy of another store; finish that one, or delete what is there"
    )]
    OtherCopy,
    /// Reading back the copy gave a different result.
    #[error("the copy is not the same as the store: the table {table} differs; it is left unfinished")]
    Differs {
        /// The table with the difference.
        table: &'static str,
    },
    /// The source lacks a column of the target, although their schemas have the same version.
    #[error(
        "the store has no column {table}.{column} of the type that the store to be written has; nothing was copied"
    )]
    MissingColumn {
        /// The table.
        table: &'static str,
        /// The missing column.
        column: String,
    },
    /// The backup file exists already.
    #[error("there is a file {} already", .0.display())]
    Exists(PathBuf),
    /// The backup file is the store itself.
    #[error("{} is the store itself", .0.display())]
    Itself(PathBuf),
    /// A WAL or journal was left by a store whose main file is missing.
    #[error("{} is left over from a store whose file is missing; move it away first", .0.display())]
    LeftOver(PathBuf),
    /// A file could not be created, renamed or written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
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
