//! All tables of a store with their keys, so that copies forget none: a test compares the list with both schemas. Their columns
//! are those of the store that is written, by its database's catalog: a new store has no others.
//!
//! What is made of them is not listed: the words of listings, which each database keeps in its own way. Nor is what passes by
//! itself: which processes serve the store, and how often somebody has tried to sign in.

use std::sync::Arc;

use superbot_db::sql::{self, SqlConn, SqlDialect};
use superbot_store::StoreError;

use super::error::{CopyError, Result};

/// A table and its columns.
pub(super) struct TableColumns {
    pub(super) key: &'static TableKey,
    /// In the order of their names, which is the same in both databases.
    pub(super) columns: Arc<[TableColumn]>,
}

/// A table, as it is listed here.
pub(super) struct TableKey {
    pub(super) name: &'static str,
    /// The columns of its primary key.
    pub(super) columns: &'static [&'static str],
    pub(super) numbers: NumberSource,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TableColumn {
    pub(super) name: String,
    pub(super) kind: ColumnKind,
}

/// The type of a column's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Int,
    Real,
    Bool,
    Text,
    Bytes,
}

/// Where the numbers of rows come from, none of which is ever used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberSource {
    /// They have none of their own.
    None,
    /// From the table.
    Table,
    /// From the writer, who keeps the last one in this column of `last_numbers`.
    Writer(&'static str),
}

macro_rules! tables {
    ($($table:ident ($($key:ident),+) $numbers:expr;)+) => {
        &[$(TableKey { name: stringify!($table), columns: &[$(stringify!($key)),+], numbers: $numbers }),+]
    };
}

/// The single values about the store itself, which are copied last of all.
pub(super) const META: &str = "meta";

/// All of them; none comes before one that its rows refer to.
pub(super) const TABLES: &[TableKey] = tables! {
    meta (key) NumberSource::None;
    users (id) NumberSource::Table;
    sessions (id) NumberSource::Table;
    tokens (id) NumberSource::Table;
    invites (id) NumberSource::Table;
    password_resets (user_id) NumberSource::None;
    listings (id) NumberSource::Writer("listing");
    price_history (id) NumberSource::Writer("price_point");
    listing_aliases (source, alias) NumberSource::None;
    pruned_listings (source, link_key) NumberSource::None;
    favorites (id) NumberSource::Table;
    notifications (id) NumberSource::Writer("notification");
    standing_queries (id) NumberSource::Table;
    told_queries (query_id) NumberSource::None;
    hits (listing_id, query_id, minor) NumberSource::None;
    deleted_queries (query_id) NumberSource::None;
    ignored_listings (listing_id, query_id) NumberSource::None;
    scraper_status (source) NumberSource::None;
    idempotency (principal, key) NumberSource::None;
    workers (name) NumberSource::None;
    sources (name) NumberSource::None;
    site_turns (origin) NumberSource::None;
    source_notices (source, user_id) NumberSource::None;
    events (seq) NumberSource::Writer("event");
};

impl TableColumns {
    /// All tables with the columns of the target, each of which the source must have with the same type. What else the source
    /// has is not part of a store, and stays behind. Both are migrated.
    ///
    /// # Errors
    /// [`CopyError::MissingColumn`], and faults of the databases.
    pub(super) async fn shared(source: &mut SqlConn, target: &mut SqlConn) -> Result<Vec<Self>> {
        let tables = Self::read_all(target).await?;
        for table in &tables {
            let found = declared_columns(source, table.name()).await?;
            for TableColumn { name, kind } in table.columns.iter() {
                let is_it = |(found, declared): &(String, String)| {
                    found == name && ColumnKind::declared(declared) == Some(*kind)
                };
                if !found.iter().any(is_it) {
                    return Err(CopyError::MissingColumn { table: table.name(), column: name.clone() });
                }
            }
        }
        Ok(tables)
    }

    /// All tables, with the columns that they have in that database, which is migrated.
    pub(super) async fn read_all(conn: &mut SqlConn) -> Result<Vec<Self>> {
        let mut tables = Vec::with_capacity(TABLES.len());
        for key in TABLES {
            tables.push(Self { key, columns: read_columns(conn, key.name).await?.into() });
        }
        Ok(tables)
    }

    pub(super) const fn name(&self) -> &'static str {
        self.key.name
    }

    /// The names of its columns, as a statement lists them.
    pub(super) fn column_names(&self) -> String {
        self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The columns of a table in the order of their names.
async fn read_columns(conn: &mut SqlConn, table: &str) -> Result<Vec<TableColumn>> {
    let read = |(name, declared): (String, String)| {
        let Some(kind) = ColumnKind::declared(&declared) else {
            return Err(StoreError::corrupt(format!("the column {table}.{name} has the type {declared:?}")).into());
        };
        Ok(TableColumn { name, kind })
    };
    declared_columns(conn, table).await?.into_iter().map(read).collect()
}

/// The names of a table's columns and their types as the catalog has them, but for columns that the database computes. A role
/// sees all of them, also those that it may not read.
async fn declared_columns(conn: &mut SqlConn, table: &str) -> Result<Vec<(String, String)>> {
    let select = match conn.dialect() {
        SqlDialect::Sqlite => "SELECT name, type FROM pragma_table_info($1) ORDER BY name",
        SqlDialect::Postgres => {
            "SELECT attname::TEXT, format_type(atttypid, atttypmod) FROM pg_attribute \
             WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' \
             ORDER BY attname COLLATE \"C\""
        }
    };
    let columns: Vec<(String, String)> = sql::query_as(select).bind(table).fetch_all(conn).await?;
    if columns.is_empty() {
        return Err(StoreError::corrupt(format!("there is no table {table}")).into());
    }
    Ok(columns)
}

impl ColumnKind {
    /// The type of that name in either database.
    fn declared(name: &str) -> Option<Self> {
        Some(match name {
            "INTEGER" | "BIGINT" | "bigint" => Self::Int,
            "DOUBLE PRECISION" | "double precision" => Self::Real,
            "BOOLEAN" | "boolean" => Self::Bool,
            "TEXT" | "text" => Self::Text,
            "BLOB" | "bytea" => Self::Bytes,
            _ => return None,
        })
    }
}
