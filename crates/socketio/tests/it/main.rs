//! Tests the server over real connections, against the protocol specifications.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod drain;
mod events;
mod guests;
mod limits;
mod origins;
mod polling;
mod rooms;
mod slow;
mod support;
mod upgrade;
mod websocket;
