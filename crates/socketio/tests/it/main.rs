//! The server tried from outside, over real connections, against what the protocols' documents say.
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
