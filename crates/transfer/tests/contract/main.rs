//! What an import must do, into each of the databases.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod bed;
mod import;
