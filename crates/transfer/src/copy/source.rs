//! The source of a copy: a snapshot that later writes do not affect.

use std::path::Path;

use superbot_db::DbError;
use superbot_db::sql::{self, SqlConn};
use superbot_db::sqlite;
use superbot_store::StoreError;
use superbot_store::StoreOptions;
use superbot_store::maintenance;

use super::error::{CopyError, Result};
use super::file::temporary;
use super::numbers;
use super::tables::{TABLES, TableColumns, TableKey};

/// An open snapshot of a store.
pub(super) struct SourceSnapshot {
    pub(super) conn: SqlConn,
    pub(super) epoch: String,
}

impl SourceSnapshot {
    /// Opens a store, migrating its schema first, as every command does.
    pub(super) async fn store(url: &str, options: &StoreOptions) -> Result<Self> {
        let mut conn = maintenance::connect_existing(url).await?;
        if maintenance::schema_version(&mut conn).await?.is_none() {
            return Err(maintenance::no_store(url).into());
        }
        maintenance::migrate(&mut conn, options).await?;
        maintenance::refuse_unusable(&mut conn).await?;
        Self::snapshot(conn).await
    }

    /// Opens a backup, without modifying it. A backup with an older schema is copied into `folder` and migrated there;
    /// the copy is deleted when the returned path is dropped.
    pub(super) async fn backup(
        file: &Path,
        folder: &Path,
        options: &StoreOptions,
    ) -> Result<(Self, Option<tempfile::TempPath>)> {
        let opened = Self::open_backup(file, folder, options).await;
        // A user who restores a backup must not be led to believe that the store is damaged.
        opened.map_err(|error| match error {
            CopyError::Store(StoreError::Db(DbError::Damaged(why))) => {
                CopyError::BadBackup { path: file.to_owned(), why: format!("is damaged, or not a backup: {why}") }
            }
            CopyError::Store(StoreError::NoStore(_)) => {
                CopyError::BadBackup { path: file.to_owned(), why: "is not a backup".to_owned() }
            }
            other => other,
        })
    }

    async fn open_backup(
        file: &Path,
        folder: &Path,
        options: &StoreOptions,
    ) -> Result<(Self, Option<tempfile::TempPath>)> {
        let mut conn = SqlConn::from(sqlite::OpenOptions::new(file).read_only().connect().await?);
        let Some(found) = maintenance::schema_version(&mut conn).await? else {
            return Err(StoreError::NoStore(file.display().to_string()).into());
        };
        let known = maintenance::latest_schema();
        if found > known {
            return Err(StoreError::Db(DbError::NewerSchema { found, known }).into());
        }
        if found == known {
            maintenance::refuse_unusable(&mut conn).await?;
            return Ok((Self::snapshot(conn).await?, None));
        }
        let copy = temporary(folder, file)?;
        let place = copy.to_string_lossy().into_owned();
        sql::query("VACUUM INTO $1").bind(&place).execute(&mut conn).await?;
        let mut conn = SqlConn::from(sqlite::OpenOptions::new(&copy).connect().await?);
        maintenance::migrate(&mut conn, options).await?;
        maintenance::refuse_unusable(&mut conn).await?;
        Ok((Self::snapshot(conn).await?, Some(copy)))
    }

    async fn snapshot(mut conn: SqlConn) -> Result<Self> {
        let begin: &[&str] = conn.dialect().pick(
            &["PRAGMA query_only = ON", "BEGIN"],
            &[
                // Reading may take hours, during which the connection may be idle while the target is written.
                "SET statement_timeout = 0",
                "SET idle_in_transaction_session_timeout = 0",
                "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            ],
        );
        for statement in begin {
            sql::query(*statement).execute(&mut conn).await?;
        }
        let epoch = maintenance::read_meta(&mut conn, maintenance::EPOCH).await?;
        let epoch = epoch.ok_or_else(|| StoreError::corrupt("the store has no name"))?;
        Ok(Self { conn, epoch })
    }

    /// Counts the rows of a table.
    pub(super) async fn count(&mut self, table: &TableColumns) -> Result<u64> {
        let count = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", table.name()));
        let count: i64 = sql::query_scalar(count).fetch_one(&mut self.conn).await?;
        Ok(count.cast_unsigned())
    }

    /// Returns the rows of `meta`, with the epoch that the copy is to have.
    pub(super) async fn meta(&mut self, epoch: Option<&str>) -> Result<Vec<(String, String)>> {
        let mut rows = meta(&mut self.conn).await?;
        if let Some((_, name)) = rows.iter_mut().find(|(key, _)| key == maintenance::EPOCH) {
            epoch.unwrap_or(&self.epoch).clone_into(name);
        }
        Ok(rows)
    }

    /// Returns the last number allocated in each sequence.
    pub(super) async fn numbers(&mut self) -> Result<Vec<(&'static TableKey, i64)>> {
        let mut last = Vec::new();
        for table in TABLES {
            if let Some(number) = numbers::last(&mut self.conn, table).await? {
                last.push((table, number));
            }
        }
        Ok(last)
    }
}

/// Returns the rows of `meta`, ordered by key.
pub(super) async fn meta(conn: &mut SqlConn) -> Result<Vec<(String, String)>> {
    let mut rows: Vec<(String, String)> = sql::query_as("SELECT key, value FROM meta").fetch_all(conn).await?;
    rows.sort();
    Ok(rows)
}
