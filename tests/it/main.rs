//! End-to-end tests: the real binary over real HTTP and sockets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alerts;
mod answers;
mod api;
mod audit;
mod bad_input;
mod bounds;
mod budgets;
mod cli;
mod clocks;
mod cluster;
mod commands;
mod cookies;
mod disk_full;
mod expiry;
mod favorites;
mod handshake;
mod headers;
mod import;
mod isolation;
mod keywords;
mod loss;
mod matches;
mod nodes;
mod openapi;
mod operations;
mod password_reset;
mod publishing;
mod query;
mod recurring;
mod replay;
mod revocation;
mod sign_in;
mod source;
mod sources;
mod stall;
mod standing_load;
mod stopping;
mod store;
mod store_file;
mod stream;
mod support;
mod watcher;
