//! Statements that run on either database.
//!
//! Both databases use the same text in their common dialect: numbered parameters (`$1`), `ON CONFLICT`, `RETURNING`.
//! Where they differ, two texts stand side by side and [`SqlConn::dialect`] selects one.

mod builder;
mod columns;
mod conn;
mod query;
mod row;
mod value;
mod write;

pub use superbot_record::Record;

pub use self::builder::{QueryBuilder, SeparatedValues, chunks, where_in};
pub use self::columns::{
    SelectColumn, column_parts, count_columns, join_columns, join_text, joined_text, json_array, text_length,
    with_alias,
};
pub use self::conn::{ConnLink, SqlConn, SqlDialect};
pub use self::query::{SqlQuery, execute_all, query, query_as, query_scalar};
pub use self::row::{Record, RecordColumn, SelectRecord, SqlRow};
pub use self::value::SqlValue;
pub use self::write::{InsertRecord, UpdateRecord, insert, insert_returning_id};
pub use crate::error::Result;
pub use crate::sql_text;

#[cfg(test)]
mod tests;
