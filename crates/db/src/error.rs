//! Why a database could not do what it was asked.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::ffi;

/// What the database answers.
pub type Result<T, E = DbError> = std::result::Result<T, E>;

/// Why a database could not do what it was asked.
///
/// It can be cloned because all the writes of a group hear why their commit failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DbError {
    /// A lock or a connection was not free for too long; nothing was written.
    #[error("the store is busy: a lock or a free connection was waited for too long")]
    Busy,
    /// A statement ran longer than its caller allows and was interrupted.
    #[error("the query took too long and was interrupted")]
    TooSlow,
    /// The file is not what the store has written.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The disk is full; nothing was written.
    #[error("the store cannot grow: the disk is full")]
    Full,
    /// The database's server cannot be reached, or went away; whether what was under way is stored is not known.
    #[error("the store's database cannot be reached: {0}")]
    Unreachable(String),
    /// The store was closed, or its writer ended.
    #[error("the store is closed")]
    Closed,
    /// The store was made by a later version of the program.
    #[error(
        "the store's schema has version {found}, newer than this program, which knows {known}; use the newer program"
    )]
    NewerSchema {
        /// The newest migration that the store has seen.
        found: i64,
        /// The newest migration that this program has.
        known: i64,
    },
    /// The file is gone, or another file has taken its place.
    #[error("the store's file was deleted or replaced while it was open; open it again")]
    Replaced,
    /// The address of a Postgres database is not well formed; it may hold a password, so it is not repeated.
    #[error("the store's address is not well formed; give postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    BadPostgresUrl,
    /// The file could not be made or opened.
    #[error("cannot open the store {}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: Arc<std::io::Error>,
    },
    /// A file or folder belongs to another user, and this one may not use it.
    #[error(
        "{} belongs to another user: run the command as {owner} (sudo -u {owner} superbot ...)", path.display()
    )]
    NotPermitted {
        /// The file or folder.
        path: PathBuf,
        /// Whose it is.
        owner: String,
    },
    /// A value is not of the type that it should be.
    #[error("the store holds something that this program cannot read: {0}")]
    Corrupt(String),
    /// The database failed.
    #[error("the store failed: {0}")]
    Failed(Arc<dyn Error + Send + Sync>),
    /// The migration of the schema failed.
    #[error("the store's schema cannot be brought up to date: {0}")]
    Migration(MigrationError),
}

/// Why a schema could not be brought up to date.
#[derive(Clone, Debug, thiserror::Error)]
pub enum MigrationError {
    /// A migration is not the one that the store has seen.
    #[error("migration {0} was previously applied but has been modified")]
    Altered(i64),
    /// Something other than this program has applied a migration by half.
    #[error("migration {0} is partially applied; fix and remove row from `_sqlx_migrations` table")]
    Unfinished(i64),
    /// A migration failed.
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
                // Shut down, crashed, or not up yet; the class 08 is about connections.
                Some("57P01" | "57P02" | "57P03" | "57P05" | "25P03") => Some(Self::unreachable(&error)),
                Some(code) if code.starts_with("08") => Some(Self::unreachable(&error)),
                Some("57014") => Some(Self::TooSlow),
                // Too many connections, a lock that took too long, a serialisation failure, a deadlock.
                Some("53300" | "55P03" | "40001" | "40P01") => Some(Self::Busy),
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
        // The index of the write-ahead log, which is shared memory in a file, cannot grow.
        ffi::SQLITE_IOERR_SHMSIZE => Some(DbError::Full),
        ffi::SQLITE_READONLY_DBMOVED => Some(DbError::Replaced),
        // The low byte is the primary result code; the rest says more about it.
        code => match code & 0xff {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Some(DbError::Busy),
            ffi::SQLITE_FULL => Some(DbError::Full),
            ffi::SQLITE_INTERRUPT => Some(DbError::TooSlow),
            ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => Some(DbError::Damaged(error.to_string())),
            _ => None,
        },
    }
}
