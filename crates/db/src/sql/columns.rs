//! Lists of columns and statements' texts, put together by the compiler.

use super::conn::SqlDialect;

/// A column as a statement selects it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelectColumn {
    /// The alias of its table; empty where the statement reads one table.
    pub table: &'static str,
    /// What is selected under its name; empty where that is the column itself.
    pub expression: &'static str,
    /// The name that it is read by.
    pub name: &'static str,
    /// SQLite has no booleans of its own, so JSON needs to be told.
    pub is_bool: bool,
}

impl SelectColumn {
    const NONE: Self = Self { table: "", expression: "", name: "", is_bool: false };

    /// Its text after others or before them.
    const fn parts(&self, is_first: bool) -> [&'static str; 4] {
        let before = if is_first { "" } else { ", " };
        match (self.expression.is_empty(), self.table.is_empty()) {
            (true, true) => [before, "", "", self.name],
            (true, false) => [before, self.table, ".", self.name],
            (false, _) => [before, self.expression, " AS ", self.name],
        }
    }
}

/// The columns of all lists, one after the other.
pub const fn join_columns<const COUNT: usize>(lists: &[&[SelectColumn]]) -> [SelectColumn; COUNT] {
    let mut joined = [SelectColumn::NONE; COUNT];
    let mut at = 0;
    let mut list = 0;
    while list < lists.len() {
        let mut column = 0;
        while column < lists[list].len() {
            joined[at] = lists[list][column];
            at += 1;
            column += 1;
        }
        list += 1;
    }
    joined
}

/// How many columns [`join_columns`] joins.
pub const fn count_columns(lists: &[&[SelectColumn]]) -> usize {
    let mut count = 0;
    let mut list = 0;
    while list < lists.len() {
        count += lists[list].len();
        list += 1;
    }
    count
}

/// The columns of a table that goes by an alias.
pub const fn with_alias<const COUNT: usize>(columns: &[SelectColumn], alias: &'static str) -> [SelectColumn; COUNT] {
    let mut aliased = join_columns::<COUNT>(&[columns]);
    let mut at = 0;
    while at < COUNT {
        aliased[at].table = alias;
        at += 1;
    }
    aliased
}

/// The parts of the text that lists columns.
pub const fn column_parts<const COUNT: usize>(columns: &[SelectColumn]) -> [[&'static str; 4]; COUNT] {
    let mut parts = [[""; 4]; COUNT];
    let mut at = 0;
    while at < COUNT {
        parts[at] = columns[at].parts(at == 0);
        at += 1;
    }
    parts
}

/// How many bytes [`join_text`] joins.
pub const fn text_length(parts: &[&str]) -> usize {
    let mut length = 0;
    let mut part = 0;
    while part < parts.len() {
        length += parts[part].len();
        part += 1;
    }
    length
}

/// The bytes of all parts, one after the other.
pub const fn join_text<const LENGTH: usize>(parts: &[&str]) -> [u8; LENGTH] {
    let mut joined = [0; LENGTH];
    let mut at = 0;
    let mut part = 0;
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        joined.split_at_mut(at).1.split_at_mut(bytes.len()).0.copy_from_slice(bytes);
        at += bytes.len();
        part += 1;
    }
    joined
}

/// The text of joined parts, each of which was text.
pub const fn joined_text(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("texts that are joined are text"),
    }
}

/// The expression for the values of columns as a JSON array, in their order, as their record is deserialized from it.
pub fn json_array(dialect: SqlDialect, columns: &[SelectColumn]) -> String {
    let value = |column: &SelectColumn| match dialect {
        SqlDialect::Sqlite if column.is_bool => format!("json(CASE WHEN {} THEN 'true' ELSE 'false' END)", column.name),
        _ => column.name.to_owned(),
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    format!("{}({})", dialect.pick("json_array", "json_build_array"), values.join(", "))
}

/// Joins texts that are constants.
#[macro_export]
macro_rules! sql_text {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&str] = &[$($part),+];
        const JOINED: &[u8] = &$crate::sql::join_text::<{ $crate::sql::text_length(PARTS) }>(PARTS);
        const { $crate::sql::joined_text(JOINED) }
    }};
}
