//! The old program's file, which is only ever read.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _};
use tokio::sync::mpsc;

use super::cell::Cell;
use crate::{Result, StoreError};

/// The tables that are taken over.
pub(super) const TABLES: [&str; 6] =
    ["users", "listings", "price_history", "favorites", "price_alerts", "saved_searches"];
/// So many rows are handed over, and written, together.
const BATCH: usize = 500;
/// What is longer is not even read: no field here holds so much.
const MAX_BYTES: usize = 100_000;

/// The file, and what is in it.
pub(super) struct OldFile {
    path: PathBuf,
    options: SqliteConnectOptions,
    /// By the tables' names, the names of their columns.
    tables: BTreeMap<String, Vec<String>>,
}

/// The rows of a table, one batch after the other.
pub(super) struct Rows {
    batches: mpsc::Receiver<Result<Vec<OldRow>>>,
}

/// A row; a column that its table lacks is empty.
#[derive(Clone)]
pub(super) struct OldRow {
    columns: Arc<[&'static str]>,
    cells: Vec<Cell>,
}

impl OldFile {
    /// Opens the file; refuses what cannot be the old program's.
    pub(super) async fn open(path: &Path) -> Result<Self> {
        let refused = |why: &str| StoreError::NotImportable { path: path.to_owned(), why: why.to_owned() };
        let header = header(path).map_err(|error| refused(&error.to_string()))?;
        if !header.starts_with(b"SQLite format 3\0") {
            return Err(refused("it is no SQLite database"));
        }
        let options = SqliteConnectOptions::new().filename(path).read_only(true).create_if_missing(false);
        // What a schema says is not to be run, and nothing is to be made beside the file: a write-ahead log that is not there
        // holds nothing, but SQLite would make it.
        let options = options.pragma("trusted_schema", "OFF").immutable(header[18] == 2 && !has_log(path));
        let options = options.optimize_on_close(false, None).disable_statement_logging();
        let mut conn = options.connect().await.map_err(|error| unreadable(path, &error))?;
        let encoding = sqlx::query_scalar("PRAGMA encoding").fetch_one(&mut conn).await;
        let encoding: String = encoding.map_err(|error| unreadable(path, &error))?;
        if encoding != "UTF-8" {
            return Err(refused(&format!("its texts are in {encoding}; UTF-8 would be right")));
        }
        let tables = tables(&mut conn).await.map_err(|error| unreadable(path, &error))?;
        if tables.contains_key("standing_queries") {
            return Err(refused("it is a store of this program, not a database of the Python Super-Bot"));
        }
        if !TABLES.iter().any(|table| tables.contains_key(*table)) {
            return Err(refused(&format!("it has none of the tables {}", TABLES.join(", "))));
        }
        Ok(Self { path: path.to_owned(), options, tables })
    }

    /// Whether the table is there.
    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// The names of all tables.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// The columns of a table that are not among the known ones.
    pub(super) fn other_columns(&self, table: &str, known: &[&str]) -> Vec<String> {
        let columns = self.tables.get(table).into_iter().flatten();
        columns.filter(|column| !known.contains(&column.as_str())).cloned().collect()
    }

    /// How many rows a table has.
    pub(super) async fn count(&self, table: &str) -> Result<u64> {
        let sql = format!("SELECT COUNT(*) FROM {}", quoted(table));
        let count = async {
            let mut conn = self.options.connect().await?;
            sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).fetch_one(&mut conn).await
        };
        count.await.map(i64::cast_unsigned).map_err(|error| unreadable(&self.path, &error))
    }

    /// Reads those columns of a table in the order of its rows' numbers, or first of another column.
    pub(super) async fn rows(
        &self,
        table: &'static str,
        columns: &'static [&'static str],
        first_by: Option<&str>,
    ) -> Result<Rows> {
        let there = self.tables.get(table).map(Vec::as_slice).unwrap_or_default();
        let has = |column: &str| there.iter().any(|there| there == column);
        let number = if has("id") { "id" } else { "rowid" };
        let columns: Arc<[_]> = columns.iter().copied().filter(|column| *column == "id" || has(column)).collect();
        let values = columns.iter().map(|column| {
            let column = quoted(if *column == "id" { number } else { column });
            format!("CASE WHEN octet_length({column}) <= {MAX_BYTES} THEN {column} END, octet_length({column})")
        });
        let order: Vec<_> = first_by.into_iter().filter(|column| has(column)).chain([number]).map(quoted).collect();
        let (values, order) = (values.collect::<Vec<_>>().join(", "), order.join(", "));
        let sql = format!("SELECT {values} FROM {} ORDER BY {order}", quoted(table));
        let conn = self.options.connect().await.map_err(|error| unreadable(&self.path, &error))?;
        let (sender, batches) = mpsc::channel(2);
        let path = self.path.clone();
        tokio::spawn(async move {
            let wanted = sender.clone();
            if let Err(error) = read(conn, sql, columns, sender).await {
                // Whoever reads has gone, or hears of it.
                drop(wanted.send(Err(unreadable(&path, &error))).await);
            }
        });
        Ok(Rows { batches })
    }
}

impl Rows {
    /// The next rows; none at the end.
    pub(super) async fn next_batch(&mut self) -> Result<Vec<OldRow>> {
        self.batches.recv().await.unwrap_or_else(|| Ok(Vec::new()))
    }
}

impl OldRow {
    /// The value in a column.
    pub(super) fn cell(&self, column: &str) -> &Cell {
        let place = self.columns.iter().position(|known| *known == column);
        place.and_then(|place| self.cells.get(place)).unwrap_or(&Cell::Null)
    }

    /// The row's number as a report shows it.
    pub(super) fn id(&self) -> String {
        match self.cell("id") {
            Cell::Integer(number) => number.to_string(),
            other => other.shown(),
        }
    }
}

/// Reads rows for as long as somebody wants them.
async fn read(
    mut conn: SqliteConnection,
    sql: String,
    columns: Arc<[&'static str]>,
    batches: mpsc::Sender<Result<Vec<OldRow>>>,
) -> Result<(), sqlx::Error> {
    let mut rows = sqlx::query(AssertSqlSafe(sql)).fetch(&mut conn);
    let mut batch = Vec::with_capacity(BATCH);
    while let Some(row) = rows.try_next().await? {
        batch.push(OldRow { columns: Arc::clone(&columns), cells: cells(&row, columns.len())? });
        if batch.len() == BATCH && batches.send(Ok(std::mem::take(&mut batch))).await.is_err() {
            return Ok(());
        }
    }
    if !batch.is_empty() {
        drop(batches.send(Ok(batch)).await);
    }
    Ok(())
}

/// Of each column its value, and how long it is where it was too long to be read.
fn cells(row: &SqliteRow, columns: usize) -> Result<Vec<Cell>, sqlx::Error> {
    let mut cells = Vec::with_capacity(columns);
    for at in (0..columns * 2).step_by(2) {
        let kind = {
            let value = row.try_get_raw(at)?;
            if value.is_null() { "NULL".to_owned() } else { value.type_info().name().to_owned() }
        };
        cells.push(match kind.as_str() {
            "NULL" => row.try_get_unchecked::<Option<i64>, _>(at + 1)?.map_or(Cell::Null, Cell::TooLong),
            "INTEGER" => Cell::Integer(row.try_get_unchecked(at)?),
            "REAL" => Cell::Real(row.try_get_unchecked(at)?),
            "TEXT" => {
                let bytes: Vec<u8> = row.try_get_unchecked(at)?;
                String::from_utf8(bytes).map_or_else(|error| Cell::Bytes(error.as_bytes().len()), Cell::Text)
            }
            _ => Cell::Bytes(row.try_get_unchecked::<Vec<u8>, _>(at)?.len()),
        });
    }
    Ok(cells)
}

/// The ordinary tables, with their columns; both in lower case, as SQLite compares them.
async fn tables(conn: &mut SqliteConnection) -> Result<BTreeMap<String, Vec<String>>, sqlx::Error> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT lower(tables.name), lower(columns.name) \
         FROM pragma_table_list() AS tables, pragma_table_info(tables.name) AS columns \
         WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite!_%' ESCAPE '!'",
    )
    .fetch_all(conn)
    .await?;
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (table, column) in columns {
        tables.entry(table).or_default().push(column);
    }
    Ok(tables)
}

/// The file's first bytes, which say what it is.
fn header(path: &Path) -> std::io::Result<[u8; 20]> {
    let mut header = [0; 20];
    let mut file = std::fs::File::open(path)?;
    let (mut length, mut taken) = (0, 1);
    while taken > 0 && length < header.len() {
        taken = file.read(&mut header[length..])?;
        length += taken;
    }
    Ok(header)
}

/// Whether something waits in a write-ahead log beside the file.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

fn unreadable(path: &Path, error: &sqlx::Error) -> StoreError {
    StoreError::NotImportable { path: path.to_owned(), why: error.to_string() }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
