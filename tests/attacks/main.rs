//! Attacks on the real binary, with a witness: another user whose requests must be answered throughout.
//!
//! `cargo test --test attacks` (a step of `cargo xtask test`) runs them at a size for debug builds, with bounds that a
//! busy machine keeps. `ATTACKS=full SUPERBOT_BIN=target/dist/superbot cargo test --test attacks` runs them at full
//! size against the documented bounds. Each prints a row: what was sent, the witness's latencies (median, p99,
//! maximum), what the server rejected, and its memory and CPU time.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod attacker;
mod bodies;
mod clock;
mod connections;
mod listings;
mod report;
mod scale;
mod searches;
mod sign_in;
#[path = "../it/support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "shared with the tests of `it`, which use the rest")]
mod support;
mod unread;
mod websockets;
mod witness;
