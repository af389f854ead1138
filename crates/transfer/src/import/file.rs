//! The old program's file, which is only ever read.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::types::ValueRef;
use superbot_db::sqlite;
use tokio::sync::mpsc;

use super::cell::ImportCell;
use super::error::{ImportError, Result};

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
    options: sqlite::OpenOptions,
    /// By the tables' names, the names of their columns.
    tables: BTreeMap<String, Vec<String>>,
}

/// The rows of a table, one batch after the other.
pub(super) struct ImportRows {
    batches: mpsc::Receiver<Result<Vec<OldRow>>>,
}

/// A row; a column that its table lacks is empty.
#[derive(Clone)]
pub(super) struct OldRow {
    columns: Arc<[&'static str]>,
    cells: Vec<ImportCell>,
}

impl OldFile {
    /// Opens the file; refuses what cannot be the old program's.
    pub(super) async fn open(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        sqlite::run_blocking(move || Self::open_here(&path)).await
    }

    fn open_here(path: &Path) -> Result<Self> {
        let refused = |why: &str| ImportError::NotImportable { path: path.to_owned(), why: why.to_owned() };
        let header = header(path).map_err(|error| refused(&error.to_string()))?;
        if !header.starts_with(b"SQLite format 3\0") {
            return Err(refused("it is no SQLite database"));
        }
        // What a schema says is not to be run, and nothing is to be made beside the file: a write-ahead log that is not there
        // holds nothing, but SQLite would make it.
        let options = sqlite::OpenOptions::new(path).read_only().pragma("trusted_schema", "OFF");
        let options = if header[18] == 2 && !has_log(path) { options.immutable() } else { options };
        let file = options.open().map_err(|error| unreadable(path, &error))?;
        let encoding = file.query_row("PRAGMA encoding", [], |row| row.get(0));
        let encoding: String = encoding.map_err(|error| unreadable(path, &error))?;
        if encoding != "UTF-8" {
            return Err(refused(&format!("its texts are in {encoding}; UTF-8 would be right")));
        }
        let tables = tables(&file).map_err(|error| unreadable(path, &error))?;
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
        let path = self.path.clone();
        let options = self.options.clone();
        let count = move || options.open()?.query_row(&sql, [], |row| row.get::<_, i64>(0));
        sqlite::run_blocking(move || count().map(i64::cast_unsigned).map_err(|error| unreadable(&path, &error))).await
    }

    /// Reads those columns of a table in the order of its rows' numbers, or first of another column.
    pub(super) fn rows(
        &self,
        table: &'static str,
        columns: &'static [&'static str],
        first_by: Option<&str>,
    ) -> ImportRows {
        let there = self.tables.get(table).map(Vec::as_slice).unwrap_or_default();
        let has = |column: &str| there.iter().any(|there| there == column);
        let number = if has("id") { "id" } else { "rowid" };
        let columns: Arc<[_]> = columns.iter().copied().filter(|column| *column == "id" || has(column)).collect();
        let values = columns.iter().map(|column| {
            let column = quoted(if *column == "id" { number } else { column });
            format!("CASE WHEN octet_length({column}) <= {MAX_BYTES} THEN {column} END, octet_length({column})")
        });
        let order: Vec<_> = first_by.into_iter().filter(|column| has(column)).chain([number]).map(quoted).collect();
        let values = values.collect::<Vec<_>>().join(", ");
        let order = order.join(", ");
        let sql = format!("SELECT {values} FROM {} ORDER BY {order}", quoted(table));
        let (sender, batches) = mpsc::channel(2);
        let path = self.path.clone();
        let options = self.options.clone();
        tokio::task::spawn_blocking(move || {
            let read = |row: &rusqlite::Row<'_>| {
                Ok(OldRow { columns: Arc::clone(&columns), cells: cells(row, columns.len())? })
            };
            let all = options.open().and_then(|file| sqlite::send_rows(&file, &sql, BATCH, read, &sender));
            if let Err(error) = all {
                // Whoever reads has gone, or hears of it.
                drop(sender.blocking_send(Err(unreadable(&path, &error))));
            }
        });
        ImportRows { batches }
    }
}

impl ImportRows {
    /// The next rows; none at the end.
    pub(super) async fn next_batch(&mut self) -> Result<Vec<OldRow>> {
        self.batches.recv().await.unwrap_or_else(|| Ok(Vec::new()))
    }
}

impl OldRow {
    /// The value in a column.
    pub(super) fn cell(&self, column: &str) -> &ImportCell {
        let place = self.columns.iter().position(|known| *known == column);
        place.and_then(|place| self.cells.get(place)).unwrap_or(&ImportCell::Null)
    }

    /// The row's number as a report shows it.
    pub(super) fn id(&self) -> String {
        match self.cell("id") {
            ImportCell::Integer(number) => number.to_string(),
            other => other.shown(),
        }
    }
}

/// Of each column its value, and how long it is where it was too long to be read.
fn cells(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Vec<ImportCell>> {
    let mut cells = Vec::with_capacity(columns);
    for at in (0..columns * 2).step_by(2) {
        cells.push(match row.get_ref(at)? {
            ValueRef::Null => row.get::<_, Option<i64>>(at + 1)?.map_or(ImportCell::Null, ImportCell::TooLong),
            ValueRef::Integer(number) => ImportCell::Integer(number),
            ValueRef::Real(number) => ImportCell::Real(number),
            ValueRef::Text(text) => {
                String::from_utf8(text.to_vec()).map_or(ImportCell::Bytes(text.len()), ImportCell::Text)
            }
            ValueRef::Blob(bytes) => ImportCell::Bytes(bytes.len()),
        });
    }
    Ok(cells)
}

/// The ordinary tables, with their columns; both in lower case, as SQLite compares them.
fn tables(file: &rusqlite::Connection) -> rusqlite::Result<BTreeMap<String, Vec<String>>> {
    let mut columns = file.prepare(
        "SELECT lower(tables.name), lower(columns.name) \
         FROM pragma_table_list() AS tables, pragma_table_info(tables.name) AS columns \
         WHERE tables.schema = 'main' AND tables.type = 'table' AND tables.name NOT LIKE 'sqlite!_%' ESCAPE '!'",
    )?;
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for column in columns.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
        let (table, column): (String, String) = column?;
        tables.entry(table).or_default().push(column);
    }
    Ok(tables)
}

/// The file's first bytes, which say what it is.
fn header(path: &Path) -> std::io::Result<[u8; 20]> {
    let mut header = [0; 20];
    let mut file = std::fs::File::open(path)?;
    let mut length = 0;
    let mut taken = 1;
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

fn unreadable(path: &Path, error: &rusqlite::Error) -> ImportError {
    ImportError::NotImportable { path: path.to_owned(), why: error.to_string() }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
