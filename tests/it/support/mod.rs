//! A running server, and clients.

mod description;
mod http;
mod raw;
mod server;
mod socket;

pub use description::{check_acknowledgement, check_acknowledgement_unmodified, check_event};
pub use http::{Answer, Http};
pub use raw::{Raw, refused};
pub use server::{Options, Server, isolated, program};
pub use socket::{Connect, Received, Socket};

use std::future::Future;
use std::time::Duration;

/// Timeout of all waits; generous, so that it only expires for events that never happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Awaits a future with the timeout.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(PATIENCE, future).await;
    waited.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for {what}"))
}

/// Polls until `ask` returns a value.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut ask: impl FnMut() -> F) -> T {
    soon(what, async {
        loop {
            if let Some(value) = ask().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
}

/// Returns the resident memory of a process in KiB.
pub fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
