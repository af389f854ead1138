//! The program from the outside: the real binary, real HTTP, real sockets.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod api;
mod publishing;
mod support;
