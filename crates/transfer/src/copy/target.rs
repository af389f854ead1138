//! The store that is written: nobody else's meanwhile, and no server's before it is complete.

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

/// What a store has before anybody has used it.
const FRESH: [&str; 3] = ["meta", "sources", "workers"];
/// At most so many rows are written in one transaction, or so many bytes and a row.
const BATCH_ROWS: usize = 2048;
const BATCH_BYTES: usize = 4 << 20;

/// A store that is written by us alone.
pub(super) struct CopyTarget {
    pub(super) conn: SqlConn,
    /// The file, where it is one.
    file: Option<PathBuf>,
    /// Whether all of it is one transaction, so that what was there before is there until the end.
    at_once: bool,
    batch: Vec<Vec<SqlValue>>,
    batch_bytes: usize,
}

impl CopyTarget {
    /// Opens or makes the store, for nobody else.
    pub(super) async fn open(url: &str, options: &StoreOptions) -> Result<Self> {
        match StoreAddress::parse(url)? {
            StoreAddress::Sqlite(path) => Self::file(Path::new(path), options).await,
            StoreAddress::Postgres(url) => Self::database(url, options).await,
        }
    }

    /// A file.
    pub(super) async fn file(path: &Path, options: &StoreOptions) -> Result<Self> {
        sqlite::create(path)?;
        let connect = sqlite::OpenOptions::new(path).pragma("locking_mode", "EXCLUSIVE").pragma("journal_mode", "WAL");
        let connect = connect.pragma("synchronous", "NORMAL").pragma("cache_size", "-32768");
        let conn = connect.connect().await.map_err(in_use)?;
        Self::begin(SqlConn::from(conn), Some(path.to_owned()), options).await
    }

    /// A database.
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

    /// Makes it a copy of that store that has been begun; it may have been begun earlier.
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

    /// The same for what is to be changed all at once or not at all; what is there is given up where `replace` says so.
    pub(super) async fn take_at_once(&mut self, epoch: &str, replace: bool) -> Result<()> {
        if let Some(table) = used(&mut self.conn).await?.filter(|_| !replace) {
            return Err(CopyError::NotEmpty { table });
        }
        self.execute("BEGIN").await?;
        self.at_once = true;
        self.begin_anew(epoch).await
    }

    /// Empties it.
    pub(super) async fn begin_anew(&mut self, epoch: &str) -> Result<()> {
        self.begin_part().await?;
        let names = || TABLES.iter().map(|table| table.name).filter(|name| *name != META);
        match self.conn.dialect() {
            // Those that refer to others first, so that nothing is looked for twice.
            SqlDialect::Sqlite => {
                for name in names().rev() {
                    sql::query(AssertSqlSafe(format!("DELETE FROM {name}"))).execute(&mut self.conn).await?;
                }
            }
            SqlDialect::Postgres => {
                let all = names().collect::<Vec<_>>().join(", ");
                let truncate = format!("TRUNCATE {all}, listing_words");
                sql::query(AssertSqlSafe(truncate)).execute(&mut self.conn).await?;
            }
        }
        maintenance::write_meta(&mut self.conn, maintenance::COPY_OF, epoch).await?;
        self.end_part().await
    }

    /// Takes a row, which is written together with others.
    pub(super) async fn put(&mut self, table: &TableColumns, row: Vec<SqlValue>) -> Result<()> {
        self.batch_bytes += weight(&row);
        self.batch.push(row);
        if self.batch.len() >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES {
            self.flush(table).await?;
        }
        Ok(())
    }

    /// Writes what was taken.
    pub(super) async fn flush(&mut self, table: &TableColumns) -> Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        self.begin_part().await?;
        let rows = std::mem::take(&mut self.batch);
        self.batch_bytes = 0;
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

    /// Makes the index of the listings' words, or what is missing of it.
    pub(super) async fn index_words(&mut self) -> Result<()> {
        let mut after = Some(maintenance::last_indexed(&mut self.conn).await?);
        while let Some(listing) = after {
            self.begin_part().await?;
            after = maintenance::index_batch(&mut self.conn, listing).await?;
            self.end_part().await?;
        }
        Ok(())
    }

    /// Makes it a store like any other: gives it its name, and has numbers go on where they were.
    pub(super) async fn complete(
        &mut self,
        meta: &[(String, String)],
        last: &[(&'static TableKey, i64)],
    ) -> Result<()> {
        self.begin_part().await?;
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

    /// Closes it; how many bytes it takes. A file is then complete without anything beside it, and may be read where
    /// nothing can be written.
    pub(super) async fn close(mut self) -> Result<u64> {
        let Some(file) = &self.file else {
            let size = sql::query_scalar::<i64>("SELECT pg_database_size(current_database())");
            let size = size.fetch_one(&mut self.conn).await?.cast_unsigned();
            self.conn.close().await?;
            return Ok(size);
        };
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

/// Whether there is anything in what is no store.
async fn has_tables(conn: &mut SqlConn) -> Result<bool> {
    let exists = conn.dialect().pick(
        "SELECT EXISTS (SELECT 1 FROM sqlite_master)",
        "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = current_schema())",
    );
    Ok(sql::query_scalar(exists).fetch_one(conn).await?)
}

/// A table that has what only use leaves there, if there is one.
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

/// Whoever has it open does not let us have it.
pub(super) fn in_use(error: DbError) -> CopyError {
    match error {
        DbError::Busy => CopyError::InUse,
        other => other.into(),
    }
}
