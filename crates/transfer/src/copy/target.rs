//! The target of a copy: opened exclusively, and not usable by servers before it is complete.

use std::path::{Path, PathBuf};

use sqlx::AssertSqlSafe;
use superbot_db::DbError;
use superbot_db::sql::{self, QueryBuilder, SqlConn, SqlDialect, SqlValue, chunks};
use superbot_db::{postgres, sqlite};
use superbot_store::StoreOptions;
use superbot_store::maintenance;
use superbot_store::maintenance::StoreAddress;

use super::error::{CopyError, Result};
use super::file::failed;
use super::numbers;
use super::rows::weight;
use super::tables::{META, TABLES, TableColumns, TableKey};

/// Tables that contain rows in a new store.
const FRESH: [&str; 3] = ["meta", "sources", "workers"];
/// Maximum rows per transaction, and bytes (exceeded by at most one row).
const BATCH_ROWS: usize = 2048;
const BATCH_BYTES: usize = 4 << 20;

/// A store opened exclusively for writing.
pub(super) struct CopyTarget {
    pub(super) conn: SqlConn,
    /// Path of an SQLite file.
    file: Option<PathBuf>,
    /// Whether everything is one transaction, so that existing data is kept until the end.
    at_once: bool,
    batch: Vec<Vec<SqlValue>>,
    batch_bytes: usize,
}

impl CopyTarget {
    /// Opens or creates the target exclusively.
    pub(super) async fn open(url: &str, options: &StoreOptions) -> Result<Self> {
        match StoreAddress::parse(url)? {
            StoreAddress::Sqlite(path) => Self::file(Path::new(path), options).await,
            StoreAddress::Postgres(url) => Self::database(url, options).await,
        }
    }

    /// Opens or creates an SQLite file.
    pub(super) async fn file(path: &Path, options: &StoreOptions) -> Result<Self> {
        sqlite::create(path)?;
        let connect = sqlite::OpenOptions::new(path).pragma("locking_mode", "EXCLUSIVE").pragma("journal_mode", "WAL");
        // After a power failure the last transactions may be missing, which resuming the copy detects.
        let connect = connect.pragma("synchronous", "NORMAL").pragma("cache_size", "-32768");
        let conn = connect.connect().await.map_err(in_use)?;
        Self::begin(SqlConn::from(conn), Some(path.to_owned()), options).await
    }

    /// Opens a Postgres database.
    pub(super) async fn database(url: &str, options: &StoreOptions) -> Result<Self> {
        let conn = postgres::PostgresServer::at(url)?.connect_alone().await.map_err(in_use)?;
        let mut conn = SqlConn::from(conn);
        for setting in ["SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0"] {
            sql::query(setting).execute(&mut conn).await?;
        }
        Self::begin(conn, None, options).await
    }

    async fn begin(mut conn: SqlConn, file: Option<PathBuf>, options: &StoreOptions) -> Result<Self> {
        if maintenance::schema_version(&mut conn).await.map_err(in_use)?.is_none() && has_tables(&mut conn).await? {
            return Err(CopyError::Foreign);
        }
        maintenance::migrate(&mut conn, options).await?;
        Ok(Self { conn, file, at_once: false, batch: Vec::new(), batch_bytes: 0 })
    }

    /// Marks the target as an unfinished copy of a store; accepts one that was begun earlier.
    pub(super) async fn take(&mut self, epoch: &str) -> Result<()> {
        match maintenance::read_meta(&mut self.conn, maintenance::COPY_OF).await? {
            Some(begun) if begun == epoch => return Ok(()),
            Some(_) => return Err(CopyError::OtherCopy),
            None => {}
        }
        if let Some(table) = used(&mut self.conn).await? {
            return Err(CopyError::NotEmpty { table });
        }
        self.begin_anew(epoch).await
    }

    /// Like [`Self::take`], but within a single transaction; existing data is replaced if `replace` is set.
    pub(super) async fn take_at_once(&mut self, epoch: &str, replace: bool) -> Result<()> {
        if let Some(table) = used(&mut self.conn).await?.filter(|_| !replace) {
            return Err(CopyError::NotEmpty { table });
        }
        self.execute("BEGIN").await?;
        self.at_once = true;
        self.begin_anew(epoch).await
    }

    /// Deletes all rows.
    pub(super) async fn begin_anew(&mut self, epoch: &str) -> Result<()> {
        self.begin_part().await?;
        let names = || TABLES.iter().map(|table| table.name).filter(|name| *name != META);
        match self.conn.dialect() {
            // Referring tables first, so that no foreign key has to be checked or cascaded.
            SqlDialect::Sqlite => {
                for name in names().rev() {
                    sql::query(AssertSqlSafe(format!("DELETE FROM {name}"))).execute(&mut self.conn).await?;
                }
            }
            SqlDialect::Postgres => {
                // In one statement, TRUNCATE accepts foreign keys among the listed tables.
                let all = names().collect::<Vec<_>>().join(", ");
                let truncate = format!("TRUNCATE {all}, listing_words");
                sql::query(AssertSqlSafe(truncate)).execute(&mut self.conn).await?;
            }
        }
        maintenance::write_meta(&mut self.conn, maintenance::COPY_OF, epoch).await?;
        self.end_part().await
    }

    /// Adds a row to the batch, which is written when it is full.
    pub(super) async fn put(&mut self, table: &TableColumns, row: Vec<SqlValue>) -> Result<()> {
        self.batch_bytes += weight(&row);
        self.batch.push(row);
        if self.batch.len() >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES {
            self.flush(table).await?;
        }
        Ok(())
    }

    /// Writes the batch.
    pub(super) async fn flush(&mut self, table: &TableColumns) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.begin_part().await?;
        let rows = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
        // Computed first, so that the values can be moved into the statements instead of being copied.
        let sizes: Vec<usize> = chunks(&rows).map(<[_]>::len).collect();
        let mut rows = rows.into_iter();
        for size in sizes {
            let mut insert = QueryBuilder::new(format!("INSERT INTO {} ({}) ", table.name(), table.column_names()));
            insert.push_values(rows.by_ref().take(size), |mut row, values| {
                for value in values {
                    row.push_bind(value);
                }
            });
            insert.build().execute(&mut self.conn).await?;
        }
        self.end_part().await
    }

    /// Builds the word index, or completes it.
    pub(super) async fn index_words(&mut self) -> Result<()> {
        let mut after = Some(maintenance::last_indexed(&mut self.conn).await?);
        while let Some(listing) = after {
            self.begin_part().await?;
            after = maintenance::index_batch(&mut self.conn, listing).await?;
            self.end_part().await?;
        }
        Ok(())
    }

    /// Marks the copy as complete: writes `meta` with the epoch, and sets the sequences.
    pub(super) async fn complete(
        &mut self,
        meta: &[(String, String)],
        last: &[(&'static TableKey, i64)],
    ) -> Result<()> {
        self.begin_part().await?;
        // Among the rows deleted is the mark of an unfinished copy.
        self.execute("DELETE FROM meta").await?;
        for (key, value) in meta {
            maintenance::write_meta(&mut self.conn, key, value).await?;
        }
        if super::source::meta(&mut self.conn).await? != meta {
            return Err(CopyError::Differs { table: META });
        }
        for (table, number) in last {
            numbers::go_on_after(&mut self.conn, table, *number).await?;
            if numbers::last(&mut self.conn, table).await? != Some(*number) {
                return Err(CopyError::Differs { table: table.name });
            }
        }
        self.end_part().await?;
        if self.at_once {
            self.execute("COMMIT").await?;
        }
        Ok(())
    }

    /// Closes the target; returns its size in bytes. A file is left without WAL, so that it can be read from a
    /// read-only medium.
    pub(super) async fn close(mut self) -> Result<u64> {
        let Some(file) = &self.file else {
            let size = sql::query_scalar::<i64>("SELECT pg_database_size(current_database())");
            let size = size.fetch_one(&mut self.conn).await?.cast_unsigned();
            self.conn.close().await?;
            return Ok(size);
        };
        // Leaving WAL mode checkpoints the WAL and deletes it.
        sql::query("PRAGMA journal_mode = DELETE").execute(&mut self.conn).await?;
        self.conn.close().await?;
        let size = std::fs::metadata(file).map_err(failed(file))?;
        Ok(size.len())
    }

    async fn begin_part(&mut self) -> Result<()> {
        if self.at_once { Ok(()) } else { self.execute("BEGIN").await }
    }

    async fn end_part(&mut self) -> Result<()> {
        if self.at_once { Ok(()) } else { self.execute("COMMIT").await }
    }

    async fn execute(&mut self, statement: &'static str) -> Result<()> {
        sql::query(statement).execute(&mut self.conn).await?;
        Ok(())
    }
}

/// Returns whether a database without our schema contains any tables.
async fn has_tables(conn: &mut SqlConn) -> Result<bool> {
    let exists = conn.dialect().pick(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master)",
        "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema())",
    );
    Ok(sql::query_scalar(exists).fetch_one(conn).await?)
}

/// Returns a table with rows that a new store does not have, if there is one.
pub(super) async fn used(conn: &mut SqlConn) -> Result<Option<&'static str>> {
    for table in TABLES {
        let condition = match table.name {
            "sources" => " WHERE running OR revision > 1",
            name if FRESH.contains(&name) => continue,
            _ => "",
        };
        let exists = format!("SELECT EXISTS (SELECT 1 FROM {}{condition})", table.name);
        if sql::query_scalar::<bool>(AssertSqlSafe(exists)).fetch_one(conn).await? {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

/// Converts a lock timeout, which means that another process uses the target.
pub(super) fn in_use(error: DbError) -> CopyError {
    match error {
        DbError::Busy => CopyError::InUse,
        other => other.into(),
    }
}
