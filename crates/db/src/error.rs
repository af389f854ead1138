//! Errors of the database layer, independent of the back end.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ffi;

/// Result of a database operation.
pub type Result<T, E = DbError> = std::result::Result<T, E>;

/// An error from either back end, classified by what the caller can do about it.
///
/// It implements `Clone` because all requests of a group receive the error of their shared commit.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// Waiting for a lock or a pooled connection timed out; nothing was written and the operation may be retried.
    #[error("the store is busy: timed out waiting for a lock or a connection")]
    Busy,
    /// The statement exceeded its deadline and was interrupted.
    #[error("the query took too long and was interrupted")]
    TooSlow,
    /// The file is corrupt or is not an SQLite database.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The disk is full; nothing was written.
    #[error("the store cannot grow: the disk is full")]
    Full,
    /// The database server is unreachable or the connection was lost; whether the operation in progress was committed
    /// is unknown.
    #[error("the store's database cannot be reached: {0}")]
    Unreachable(String),
    /// The store was closed, or its writer task has ended.
    #[error("the store is closed")]
    Closed,
    /// The schema was created by a newer version of the program.
    #[error(
        "the store's schema has version {found}, newer than this program, which knows {known}; use the newer program"
    )]
    NewerSchema {
        /// The newest migration recorded in the database.
        found: i64,
        /// The newest migration that this program contains.
        known: i64,
    },
    /// The file was deleted, or replaced by another file, while it was open.
    #[error("the store's file was deleted or replaced while it was open; open it again")]
    Replaced,
    /// The URL of a Postgres database is malformed. It may contain a password, so it is not repeated in the message.
    #[error("the store's address is not well formed; give postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    BadPostgresUrl,
    /// The file could not be created or opened.
    #[error("cannot open the store {}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// The error of the operating system.
        source: Arc<std::io::Error>,
    },
    /// The file or folder belongs to another user, and the current user may not access it.
    #[error(
        "{} belongs to another user: run the command as {owner} (sudo -u {owner} superbot ...)", path.display()
    )]
    NotPermitted {
        /// The file or folder.
        path: PathBuf,
        /// Name of the owner; `#` and the numeric id if the user has no name.
        owner: String,
    },
    /// A stored value does not have the expected type or format.
    #[error("the store contains a value that this program cannot read: {0}")]
    Corrupt(String),
    /// Any other error of the database.
    #[error("the store failed: {0}")]
    Failed(Arc<dyn Error + Send + Sync>),
    /// The schema could not be migrated.
    #[error("the store's schema cannot be brought up to date: {0}")]
    Migration(MigrationError),
}

/// Reasons why a migration failed. The messages are those of sqlx, whose table is used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MigrationError {
    /// The checksum of an applied migration differs from that of this program.
    #[error("migration {0} was previously applied but has been modified")]
    Altered(i64),
    /// A migration is recorded as unfinished; this program never leaves one so, as it migrates in one transaction.
    #[error("migration {0} is partially applied; fix and remove row from `_sqlx_migrations` table")]
    Unfinished(i64),
    /// A statement of the migration failed.
    #[error("while executing migration {0}: {1}")]
    Failed(i64, Box<DbError>),
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        let known = match &error {
            sqlx::Error::PoolTimedOut => Some(Self::Busy),
            sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => Some(Self::Closed),
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => Some(Self::Corrupt(error.to_string())),
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) => Some(Self::unreachable(&error)),
            sqlx::Error::Database(database) => match database.code().as_deref() {
                // admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout and
                // idle_in_transaction_session_timeout; class 08 covers connection exceptions.
                Some("57P01" | "57P02" | "57P03" | "57P05" | "25P03") => Some(Self::unreachable(&error)),
                Some(code) if code.starts_with("08") => Some(Self::unreachable(&error)),
                // query_canceled: a statement_timeout.
                Some("57014") => Some(Self::TooSlow),
                // too_many_connections, lock_not_available, serialization_failure, deadlock_detected: all may be
                // retried.
                Some("53300" | "55P03" | "40001" | "40P01") => Some(Self::Busy),
                // disk_full.
                Some("53100") => Some(Self::Full),
                _ => None,
            },
            _ => None,
        };
        known.unwrap_or_else(|| Self::Failed(Arc::new(error)))
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        let known = match &error {
            rusqlite::Error::SqliteFailure(code, _) | rusqlite::Error::SqlInputError { error: code, .. } => {
                of_sqlite(*code)
            }
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => Some(Self::Corrupt(error.to_string())),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Failed(Arc::new(error)))
    }
}

impl DbError {
    fn unreachable(error: &sqlx::Error) -> Self {
        Self::Unreachable(error.to_string())
    }
}

fn of_sqlite(error: ffi::Error) -> Option<DbError> {
    match error.extended_code {
        // The WAL index (`-shm`) is a memory-mapped file that could not be extended.
        ffi::SQLITE_IOERR_SHMSIZE => Some(DbError::Full),
        ffi::SQLITE_READONLY_DBMOVED => Some(DbError::Replaced),
        // The low byte is the primary result code; the higher bits refine it.
        code => match code & 0xff {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Some(DbError::Busy),
            ffi::SQLITE_FULL => Some(DbError::Full),
            ffi::SQLITE_INTERRUPT => Some(DbError::TooSlow),
            ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => Some(DbError::Damaged(error.to_string())),
            _ => None,
        },
    }
}
