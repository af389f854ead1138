#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod condition;
pub mod engine;
mod error;
mod fault_log;
pub mod migrations;
pub mod postgres;
mod sequences;
pub mod sql;
pub mod sqlite;
mod transaction_event;
pub mod writer;

pub use self::error::{DbError, MigrationError, Result};
