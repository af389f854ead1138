//! Statements that run on either database.
//!
//! Both are spoken to with the same text, in the dialect that they share: numbered parameters (`$1`), `ON CONFLICT`,
//! `RETURNING`. Where they differ there are two texts, side by side, and [`Conn::dialect`] says which is meant.

mod builder;
mod conn;
mod derive;
mod query;
mod row;
mod value;

pub(crate) use self::builder::{QueryBuilder, chunks, where_in};
pub(crate) use self::conn::{Conn, Dialect, Link};
pub(crate) use self::derive::Record;
pub(crate) use self::query::{Query, execute_all, query, query_as, query_scalar};
pub(crate) use self::row::{Column, Record, Row};
pub(crate) use self::value::Value;

#[cfg(test)]
mod tests;
