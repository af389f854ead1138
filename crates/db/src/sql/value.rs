//! Values bound to statements.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;

/// A nullable value of a type that both databases have.
pub enum SqlValue {
    /// An integer.
    Int(Option<i64>),
    /// A floating-point number.
    Real(Option<f64>),
    /// A boolean.
    Bool(Option<bool>),
    /// A text.
    Text(Option<String>),
    /// Bytes (`BLOB` or `BYTEA`).
    Bytes(Option<Vec<u8>>),
}

/// Values in the order of their parameters.
#[derive(Default)]
pub struct SqlValues(pub(super) Vec<SqlValue>);

impl ToSql for SqlValue {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Int(value) => value.map(ValueRef::Integer),
            Self::Real(value) => value.map(ValueRef::Real),
            Self::Bool(value) => value.map(|value| ValueRef::Integer(value.into())),
            Self::Text(value) => value.as_ref().map(|value| ValueRef::Text(value.as_bytes())),
            Self::Bytes(value) => value.as_deref().map(ValueRef::Blob),
        };
        Ok(ToSqlOutput::Borrowed(value.unwrap_or(ValueRef::Null)))
    }
}

impl SqlValues {
    pub(super) fn into_postgres(self) -> Result<PgArguments, sqlx::Error> {
        let mut arguments = PgArguments::default();
        arguments.reserve(self.0.len(), self.0.len() * 16);
        // Postgres cannot store NUL in text. Input is cleaned of it; this protects against the rest, such as search
        // terms.
        let text = |text: String| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text };
        for value in self.0 {
            let added: Result<(), BoxDynError> = match value {
                SqlValue::Int(value) => arguments.add(value),
                SqlValue::Real(value) => arguments.add(value),
                SqlValue::Bool(value) => arguments.add(value),
                SqlValue::Text(value) => arguments.add(value.map(text)),
                SqlValue::Bytes(value) => arguments.add(value),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

/// Implements conversions into [`SqlValue`] for each type and for its `Option`.
macro_rules! values {
    ($($variant:ident: $($from:ty => $into:expr),+;)+) => {$($(
        impl From<$from> for SqlValue {
            fn from(value: $from) -> Self {
                let into: fn($from) -> _ = $into;
                Self::$variant(Some(into(value)))
            }
        }

        impl From<Option<$from>> for SqlValue {
            fn from(value: Option<$from>) -> Self {
                Self::$variant(value.map($into))
            }
        }
    )+)+};
}

values! {
    Int: i64 => |value| value, u32 => i64::from;
    Real: f64 => |value| value;
    Bool: bool => |value| value;
    Text: String => |value| value, &str => str::to_owned, &String => String::clone;
    Bytes: Vec<u8> => |value| value, &[u8] => <[u8]>::to_vec;
}

impl From<&Option<String>> for SqlValue {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}
