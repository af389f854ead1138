//! The old database file, opened read-only.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::types::ValueRef;
use superbot_db::sqlite;
use tokio::sync::mpsc;

use super::cell::ImportCell;
use super::error::{ImportError, Result};

/// Tables that are imported.
pub(super) const TABLES: [&str; 6] =
    ["users", "listings", "price_history", "favorites", "price_alerts", "saved_searches"];
/// Rows per batch, both for reading and writing.
const BATCH: usize = 500;
/// Longer values are not read, since no field may be that long.
const MAX_BYTES: usize = 100_000;

/// The file and its schema.
pub(super) struct OldFile {
    path: PathBuf,
    options: sqlite::OpenOptions,
    /// Column names by table.
    tables: BTreeMap<String, Vec<String>>,
}

/// Stream of a table's rows in batches.
pub(super) struct ImportRows {
    batches: mpsc::Receiver<Result<Vec<OldRow>>>,
}

/// A row; missing columns read as NULL.
#[derive(Clone)]
pub(super) struct OldRow {
    columns: Arc<[&'static str]>,
    cells: Vec<ImportCell>,
}

impl OldFile {
    /// Opens the file; rejects files that are not of the old program.
    pub(super) async fn open(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        sqlite::run_blocking(move || Self::open_here(&path)).await
    }

    fn open_here(path: &Path) -> Result<Self> {
        let refused = |why: &str| ImportError::NotImportable { path: path.to_owned(), why: why.to_owned() };
        let header = header(path).map_err(|error| refused(&error.to_string()))?;
        if !header.starts_with(b"SQLite format 3\0") {
            return Err(refused("it is not an SQLite database"));
        }
        // Untrusted: the schema must not run functions. Nothing may be created beside the file: in WAL mode without a
        // WAL file there is nothing to read from it, but SQLite would create one.
        let options = sqlite::OpenOptions::new(path).read_only().pragma("trusted_schema", "OFF");
        // Byte 18 of the header is the file format's write version; 2 means WAL.
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

    /// Returns whether the table exists.
    pub(super) fn has(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// Returns the names of all tables.
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.tables.keys().map(String::as_str)
    }

    /// Returns the columns of a table that are not in the list of known ones.
    pub(super) fn other_columns(&self, table: &str, known: &[&str]) -> Vec<String> {
        let columns = self.tables.get(table).into_iter().flatten();
        columns.filter(|column| !known.contains(&column.as_str())).cloned().collect()
    }

    /// Counts the rows of a table.
    pub(super) async fn count(&self, table: &str) -> Result<u64> {
        let sql = format!("SELECT COUNT(*) FROM {}", quoted(table));
        let path = self.path.clone();
        let options = self.options.clone();
        let count = move || options.open()?.query_row(&sql, [], |row| row.get::<_, i64>(0));
        sqlite::run_blocking(move || count().map(i64::cast_unsigned).map_err(|error| unreadable(&path, &error))).await
    }

    /// Reads columns of a table, ordered by id, or by another column first.
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
                // Sending fails only if the receiver is gone.
                drop(sender.blocking_send(Err(unreadable(&path, &error))));
            }
        });
        ImportRows { batches }
    }
}

impl ImportRows {
    /// Returns the next rows; empty at the end.
    pub(super) async fn next_batch(&mut self) -> Result<Vec<OldRow>> {
        self.batches.recv().await.unwrap_or_else(|| Ok(Vec::new()))
    }
}

impl OldRow {
    /// Returns the value in a column.
    pub(super) fn cell(&self, column: &str) -> &ImportCell {
        let place = self.columns.iter().position(|known| *known == column);
        place.and_then(|place| self.cells.get(place)).unwrap_or(&ImportCell::Null)
    }

    /// Returns the row's id for reports.
    pub(super) fn id(&self) -> String {
        match self.cell("id") {
            ImportCell::Integer(number) => number.to_string(),
            other => other.shown(),
        }
    }
}

/// Reads for each column its value, or its length if it was too long.
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

/// Returns the ordinary tables with their columns, in lower case, since SQLite ignores the case of names.
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

/// Reads the beginning of the file header.
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

/// Returns whether there is a non-empty WAL beside the file.
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
