#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod complaints;
mod condition;
pub mod engine;
mod error;
pub mod migrations;
mod numbers;
pub mod postgres;
pub mod sql;
pub mod sqlite;
mod step;
pub mod writer;

pub use self::error::{DbError, MigrationError, Result};
