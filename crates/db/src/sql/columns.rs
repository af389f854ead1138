//! Column lists and statement texts, concatenated at compile time.

use super::conn::SqlDialect;

/// A column in a `SELECT` list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelectColumn {
    /// Alias of the column's table; empty if the statement reads a single table.
    pub table: &'static str,
    /// SQL expression selected under `name`; empty for a plain column.
    pub expression: &'static str,
    /// Name by which the record reads the column.
    pub name: &'static str,
    /// Whether the column is boolean. SQLite stores booleans as integers, so building JSON needs a conversion.
    pub is_bool: bool,
}

impl SelectColumn {
    const NONE: Self = Self { table: "", expression: "", name: "", is_bool: false };

    /// Returns the parts of the column's text, starting with a separator unless it is the first.
    const fn parts(&self, is_first: bool) -> [&'static str; 4] {
        let before = if is_first { "" } else { ", " };
        match (self.expression.is_empty(), self.table.is_empty()) {
            (true, true) => [before, "", "", self.name],
            (true, false) => [before, self.table, ".", self.name],
            (false, _) => [before, self.expression, " AS ", self.name],
        }
    }
}

/// Concatenates column lists.
pub const fn join_columns<const COUNT: usize>(lists: &[&[SelectColumn]]) -> [SelectColumn; COUNT] {
    // Const functions cannot use `for` yet, hence the `while` loops here and below.
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

/// Returns the number of columns in all lists, for use as the length of [`join_columns`].
pub const fn count_columns(lists: &[&[SelectColumn]]) -> usize {
    let mut count = 0;
    let mut list = 0;
    while list < lists.len() {
        count += lists[list].len();
        list += 1;
    }
    count
}

/// Returns the columns qualified with the alias of their table.
pub const fn with_alias<const COUNT: usize>(columns: &[SelectColumn], alias: &'static str) -> [SelectColumn; COUNT] {
    let mut aliased = join_columns::<COUNT>(&[columns]);
    let mut at = 0;
    while at < COUNT {
        aliased[at].table = alias;
        at += 1;
    }
    aliased
}

/// Returns the parts of the text of a column list.
pub const fn column_parts<const COUNT: usize>(columns: &[SelectColumn]) -> [[&'static str; 4]; COUNT] {
    let mut parts = [[""; 4]; COUNT];
    let mut at = 0;
    while at < COUNT {
        parts[at] = columns[at].parts(at == 0);
        at += 1;
    }
    parts
}

/// Returns the total length of the parts in bytes, for use as the length of [`join_text`].
pub const fn text_length(parts: &[&str]) -> usize {
    let mut length = 0;
    let mut part = 0;
    while part < parts.len() {
        length += parts[part].len();
        part += 1;
    }
    length
}

/// Concatenates the parts.
pub const fn join_text<const LENGTH: usize>(parts: &[&str]) -> [u8; LENGTH] {
    let mut joined = [0; LENGTH];
    let mut at = 0;
    let mut part = 0;
    while part < parts.len() {
        let bytes = parts[part].as_bytes();
        // Slices cannot be indexed by ranges in const functions yet, hence split_at_mut.
        joined.split_at_mut(at).1.split_at_mut(bytes.len()).0.copy_from_slice(bytes);
        at += bytes.len();
        part += 1;
    }
    joined
}

/// Converts the result of [`join_text`], which concatenates valid UTF-8, back to text.
pub const fn joined_text(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("texts that are joined are text"),
    }
}

/// Returns an expression for the columns' values as a JSON array in the same order, from which the record is
/// deserialized.
pub fn json_array(dialect: SqlDialect, columns: &[SelectColumn]) -> String {
    let value = |column: &SelectColumn| match dialect {
        SqlDialect::Sqlite if column.is_bool => format!("json(CASE WHEN {} THEN 'true' ELSE 'false' END)", column.name),
        _ => column.name.to_owned(),
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    format!("{}({})", dialect.pick("json_array", "json_build_array"), values.join(", "))
}

/// Concatenates string constants at compile time.
#[macro_export]
macro_rules! sql_text {
    ($($part:expr),+ $(,)?) => {{
        const PARTS: &[&str] = &[$($part),+];
        const JOINED: &[u8] = &$crate::sql::join_text::<{ $crate::sql::text_length(PARTS) }>(PARTS);
        const { $crate::sql::joined_text(JOINED) }
    }};
}
