//! Reading rows of either database.

use std::cell::Cell;

use rusqlite::types::FromSql;
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row as _, Type};

use super::columns::SelectColumn;
use crate::error::Result;

/// A row of either database.
pub enum SqlRow<'r> {
    /// A row of SQLite, with the index of the column that is probably read next.
    Sqlite(&'r rusqlite::Row<'r>, Cell<usize>),
    /// A row of Postgres.
    Postgres(&'r PgRow),
}

/// A type that can be read from a row. Structs derive it with the macro of the same name; see `crates/record`.
pub trait Record: Sized + Send + 'static {
    /// Reads the record from a row.
    fn from_row(row: &SqlRow<'_>) -> Result<Self>;
}

/// A record that knows its columns.
pub trait SelectRecord: Record {
    /// The columns, in the order of the fields.
    const SELECTED: &'static [SelectColumn];
    /// The same columns as the text between `SELECT` and `FROM`.
    const COLUMNS: &'static str;
}

/// A type that a field of a [`Record`] can have.
pub trait RecordColumn: Sized {
    /// Whether the type is boolean, which SQLite stores as an integer.
    const IS_BOOL: bool;

    /// Reads the column with this name.
    fn from_column(row: &SqlRow<'_>, name: &str) -> Result<Self>;
}

/// A type that both drivers can decode.
pub trait SqlScalar: FromSql + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + 'static {}

impl<T> SqlScalar for T where T: FromSql + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + 'static {}

impl SqlRow<'_> {
    /// Returns the value at a column index, counted from 0.
    pub fn get<T: SqlScalar>(&self, place: usize) -> Result<T> {
        match self {
            Self::Sqlite(row, _) => Ok(row.get(place)?),
            Self::Postgres(row) => Ok(row.try_get(place)?),
        }
    }

    /// Returns the value of a named column.
    fn get_by_name<T: SqlScalar>(&self, name: &str) -> Result<T> {
        match self {
            Self::Sqlite(row, next) => {
                // SQLite finds a name by comparing all columns in turn. Fields are mostly in column order, so the next
                // one is tried first.
                let columns = row.as_ref();
                let guess = next.get();
                let is_right = columns.column_name(guess).is_ok_and(|found| found == name);
                let place = if is_right { guess } else { columns.column_index(name)? };
                next.set(place + 1);
                Ok(row.get(place)?)
            }
            Self::Postgres(row) => Ok(row.try_get(name)?),
        }
    }
}

impl<'r> From<&'r rusqlite::Row<'r>> for SqlRow<'r> {
    fn from(row: &'r rusqlite::Row<'r>) -> Self {
        Self::Sqlite(row, Cell::new(0))
    }
}

impl<'r> From<&'r PgRow> for SqlRow<'r> {
    fn from(row: &'r PgRow) -> Self {
        Self::Postgres(row)
    }
}

macro_rules! columns {
    ($($scalar:ty: $is_bool:literal)+) => {$(
        impl RecordColumn for $scalar {
            const IS_BOOL: bool = $is_bool;

            fn from_column(row: &SqlRow<'_>, name: &str) -> Result<Self> {
                row.get_by_name(name)
            }
        }

        impl RecordColumn for Option<$scalar> {
            const IS_BOOL: bool = $is_bool;

            fn from_column(row: &SqlRow<'_>, name: &str) -> Result<Self> {
                row.get_by_name(name)
            }
        }
    )+};
}

columns! { i64: false f64: false bool: true String: false Vec<u8>: false }

macro_rules! tuples {
    ($(($($column:ident $place:literal),+))+) => {$(
        impl<$($column: SqlScalar),+> Record for ($($column,)+) {
            fn from_row(row: &SqlRow<'_>) -> Result<Self> {
                Ok(($(row.get::<$column>($place)?,)+))
            }
        }
    )+};
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
}
