//! Reading rows sequentially from either database, and checksums.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use sha2::{Digest as _, Sha256};
use sqlx::AssertSqlSafe;
use superbot_db::sql::{ConnLink, Result, SqlConn, SqlDialect, SqlRow, SqlValue};

use super::tables::{ColumnKind, TableColumn, TableColumns};

/// Rows per batch from an SQLite file.
const BATCH: usize = 64;

/// Number of rows between progress reports.
pub(super) const REPORT_EVERY: u64 = 1024;

/// Stream of a table's rows, in key order.
pub(super) struct TableRows<'c>(BoxStream<'c, Result<Vec<SqlValue>>>);

/// Number of rows and SHA-256 of their contents.
#[derive(Clone, Default)]
pub(super) struct RowDigest {
    pub(super) rows: u64,
    hash: Sha256,
}

/// Computes the checksum of a table.
pub(super) async fn sum(conn: &mut SqlConn, table: &TableColumns, mut counted: impl FnMut(u64)) -> Result<RowDigest> {
    let mut rows = TableRows::of(table, conn);
    let mut sum = RowDigest::default();
    while let Some(row) = rows.next().await? {
        sum.add(&row);
        if sum.rows.is_multiple_of(REPORT_EVERY) {
            counted(sum.rows);
        }
    }
    counted(sum.rows);
    Ok(sum)
}

impl<'c> TableRows<'c> {
    pub(super) fn of(table: &TableColumns, conn: &'c mut SqlConn) -> Self {
        let select = select(table, conn.dialect());
        let columns = Arc::clone(&table.columns);
        Self(match conn.link() {
            ConnLink::Sqlite(conn) => {
                let batches = conn.stream(select, BATCH, move |row| read(&row.into(), &columns));
                let batches = stream::unfold(batches, async |mut batches| Some((batches.recv().await?, batches)));
                batches.flat_map(|batch| stream::iter(each(batch))).boxed()
            }
            ConnLink::Postgres(conn) => {
                let rows = sqlx::query(AssertSqlSafe(select)).fetch(conn);
                rows.map(move |row| read(&(&row?).into(), &columns)).boxed()
            }
        })
    }

    pub(super) async fn next(&mut self) -> Result<Option<Vec<SqlValue>>> {
        self.0.next().await.transpose()
    }
}

/// Turns a failed batch into a single error, and a batch of rows into results.
fn each<T>(batch: Result<Vec<T>>) -> Vec<Result<T>> {
    match batch {
        Ok(rows) => rows.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(error)],
    }
}

/// Builds the query. Texts are ordered by bytes, as SQLite does by default.
fn select(table: &TableColumns, dialect: SqlDialect) -> String {
    let is_text = |name: &str| table.column(name).is_some_and(|column| column.kind == ColumnKind::Text);
    let ordered = |name: &&'static str| match dialect {
        SqlDialect::Postgres if is_text(name) => format!("{name} COLLATE \"C\""),
        _ => (*name).to_owned(),
    };
    let order = table.key.columns.iter().map(ordered).collect::<Vec<_>>().join(", ");
    format!("SELECT {} FROM {} ORDER BY {order}", table.column_names(), table.name())
}

fn read(row: &SqlRow<'_>, columns: &[TableColumn]) -> Result<Vec<SqlValue>> {
    let read = |(place, kind)| {
        Ok(match kind {
            ColumnKind::Int => SqlValue::Int(row.get(place)?),
            ColumnKind::Real => SqlValue::Real(row.get(place)?),
            ColumnKind::Bool => SqlValue::Bool(row.get(place)?),
            ColumnKind::Text => SqlValue::Text(row.get(place)?),
            ColumnKind::Bytes => SqlValue::Bytes(row.get(place)?),
        })
    };
    columns.iter().map(|column| column.kind).enumerate().map(read).collect()
}

/// Returns the approximate memory use of a row, in bytes.
pub(super) fn weight(row: &[SqlValue]) -> usize {
    let weight = |value: &SqlValue| match value {
        SqlValue::Text(Some(text)) => text.len(),
        SqlValue::Bytes(Some(bytes)) => bytes.len(),
        _ => 0,
    };
    row.iter().map(|value| size_of::<SqlValue>() + weight(value)).sum()
}

impl RowDigest {
    /// Adds a row. The encoding is independent of the database, and injective: type tags and lengths separate the
    /// values.
    pub(super) fn add(&mut self, row: &[SqlValue]) {
        self.rows += 1;
        for value in row {
            match value {
                SqlValue::Int(Some(number)) => self.put(b'i', &number.to_be_bytes()),
                // SQLite stores -0.0 as 0.0; adding 0.0 does the same.
                SqlValue::Real(Some(number)) => self.put(b'r', &(number + 0.0).to_be_bytes()),
                SqlValue::Bool(Some(is)) => self.put(b'b', &[u8::from(*is)]),
                // Postgres cannot store NUL; the replacement is applied when writing.
                SqlValue::Text(Some(text)) if text.contains('\0') => {
                    self.put_long(b't', text.replace('\0', "\u{fffd}").as_bytes());
                }
                SqlValue::Text(Some(text)) => self.put_long(b't', text.as_bytes()),
                SqlValue::Bytes(Some(bytes)) => self.put_long(b'x', bytes),
                _ => self.put(b'-', &[]),
            }
        }
    }

    /// Returns the hash of all rows added so far, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }

    fn put(&mut self, kind: u8, bytes: &[u8]) {
        self.hash.update([kind]);
        self.hash.update(bytes);
    }

    fn put_long(&mut self, kind: u8, bytes: &[u8]) {
        self.put(kind, &(bytes.len() as u64).to_be_bytes());
        self.hash.update(bytes);
    }
}

impl PartialEq for RowDigest {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.hash.clone().finalize() == other.hash.clone().finalize()
    }
}
