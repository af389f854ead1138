//! What is bound to statements.

use sqlx::error::BoxDynError;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Database, Encode, Type};

/// A value, or the lack of one; of one of the types that both databases have.
pub(crate) enum Value {
    Int(Option<i64>),
    Real(Option<f64>),
    Bool(Option<bool>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

/// Values in the order of their numbers.
#[derive(Default)]
pub(crate) struct Values(pub(super) Vec<Value>);

impl Values {
    pub(super) fn into_sqlite(self) -> Result<SqliteArguments, sqlx::Error> {
        self.into_arguments(|text| text)
    }

    /// Postgres keeps no text with NUL in it; nothing that is written down has any.
    pub(super) fn into_postgres(self) -> Result<PgArguments, sqlx::Error> {
        self.into_arguments(|text| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text })
    }

    fn into_arguments<A: Arguments>(self, text: impl Fn(String) -> String) -> Result<A, sqlx::Error>
    where
        for<'t> Option<i64>: Encode<'t, A::Database> + Type<A::Database>,
        for<'t> Option<f64>: Encode<'t, A::Database> + Type<A::Database>,
        for<'t> Option<bool>: Encode<'t, A::Database> + Type<A::Database>,
        for<'t> Option<String>: Encode<'t, A::Database> + Type<A::Database>,
        for<'t> Option<Vec<u8>>: Encode<'t, A::Database> + Type<A::Database>,
        A::Database: Database,
    {
        let mut arguments = A::default();
        arguments.reserve(self.0.len(), self.0.len() * 16);
        for value in self.0 {
            let added: Result<(), BoxDynError> = match value {
                Value::Int(value) => arguments.add(value),
                Value::Real(value) => arguments.add(value),
                Value::Bool(value) => arguments.add(value),
                Value::Text(value) => arguments.add(value.map(&text)),
                Value::Bytes(value) => arguments.add(value),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        Ok(arguments)
    }
}

/// What a value is made of, as it is and where there may be none.
macro_rules! values {
    ($($variant:ident: $($from:ty => $into:expr),+;)+) => {$($(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                let into: fn($from) -> _ = $into;
                Self::$variant(Some(into(value)))
            }
        }

        impl From<Option<$from>> for Value {
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

impl From<&Option<String>> for Value {
    fn from(value: &Option<String>) -> Self {
        Self::Text(value.clone())
    }
}
