//! Contract of the import, run against each database.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bed;
mod import;
