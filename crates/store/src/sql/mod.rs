//! Statements that run on either database.
//!
//! Both are spoken to with the same text, in the dialect that they share: numbered parameters (`$1`), `ON CONFLICT`,
//! `RETURNING`. Where they differ there are two texts, side by side, and [`Conn::dialect`] says which is meant.

mod builder;
mod columns;
mod conn;
mod query;
mod row;
mod value;
mod write;

pub(crate) use superbot_record::Record;

pub(crate) use self::builder::{QueryBuilder, Separated, chunks, where_in};
pub(crate) use self::columns::{
    SelectColumn, column_parts, count_columns, join_columns, join_text, joined_text, json_array, sql_text, text_length,
    with_alias,
};
pub(crate) use self::conn::{Conn, Dialect, Link};
pub(crate) use self::query::{Query, execute_all, query, query_as, query_scalar};
pub(crate) use self::row::{Column, Record, Row, SelectRecord};
pub(crate) use self::value::Value;
pub(crate) use self::write::{InsertRecord, UpdateRecord, insert, insert_returning_id};
pub(crate) use crate::error::Result;

#[cfg(test)]
mod tests;
