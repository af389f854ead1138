//! How rows of either database are read.

use rusqlite::RowIndex;
use rusqlite::types::FromSql;
use sqlx::postgres::PgRow;
use sqlx::{ColumnIndex, Decode, Postgres, Row as _, Type};

use crate::Result;

/// A row of either database.
pub(crate) enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r PgRow),
}

/// What a row can be read as. A struct derives it with the macro of the same name: each field is read from the column of its
/// name, or, where it is itself such a struct, from the row.
pub(crate) trait Record: Sized + Send + 'static {
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

/// What a field of a [`Record`] can be.
pub(crate) trait Column: Sized {
    fn from_column(row: &Row<'_>, name: &str) -> Result<Self>;
}

/// A value that both databases know.
pub(crate) trait Scalar: FromSql + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + 'static {}

impl<T> Scalar for T where T: FromSql + for<'r> Decode<'r, Postgres> + Type<Postgres> + Send + 'static {}

impl Row<'_> {
    /// The value in a column, by its name or its place.
    pub(crate) fn get<T: Scalar>(&self, column: impl RowIndex + ColumnIndex<PgRow>) -> Result<T> {
        match self {
            Self::Sqlite(row) => Ok(row.get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }
}

impl<T: Record> Column for T {
    fn from_column(row: &Row<'_>, _: &str) -> Result<Self> {
        T::from_row(row)
    }
}

macro_rules! columns {
    ($($scalar:ty)+) => {$(
        impl Column for $scalar {
            fn from_column(row: &Row<'_>, name: &str) -> Result<Self> {
                row.get(name)
            }
        }

        impl Column for Option<$scalar> {
            fn from_column(row: &Row<'_>, name: &str) -> Result<Self> {
                row.get(name)
            }
        }
    )+};
}

columns! { i64 f64 bool String Vec<u8> }

macro_rules! tuples {
    ($(($($column:ident $place:literal),+))+) => {$(
        impl<$($column: Scalar),+> Record for ($($column,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self> {
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
