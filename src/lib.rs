//! Super-Bot: a self-hosted marketplace watcher that notifies people as soon as something they want is offered.
//!
//! Listings come in, one transaction decides who must be notified, a durable log records it in order, and everyone who is
//! entitled to it receives it. The binary is [`commands::run`]; programs that embed the server build an [`app::App`] and
//! publish through its [`ingest::Publisher`].

#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

pub mod admission;
pub mod app;
pub mod audit;
pub mod auth;
pub mod client_network;
pub mod commands;
pub mod config;
pub mod demo;
pub mod edge;
pub mod health;
pub mod http;
pub mod ingest;
pub mod lifecycle;
pub mod limits;
pub mod metrics;
pub mod presence;
pub mod problem;
pub mod realtime;
pub mod records;
pub mod refusal;
pub mod source_setup;
pub mod workers;
