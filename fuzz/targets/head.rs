#![no_main]
//! Fuzzes the parser for WebSocket handshakes without an HTTP server.
//!
//! The HTTP server must accept everything it accepts, with the same response, and the head must end at the same byte: a
//! proxy in front of the server parses the same bytes by the same rules.

use std::cell::RefCell;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use libfuzzer_sys::fuzz_target;
use superbot_socketio::{SocketIo, SocketIoConfig, fuzzing};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

const HANDSHAKE: &[u8] =
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: superbot\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

thread_local! {
    // Paused time: it jumps to the next deadline when all tasks are idle.
    static RUNTIME: RefCell<Runtime> =
        RefCell::new(Builder::new_current_thread().enable_time().start_paused(true).build().unwrap());
}

fuzz_target!(|data: &[u8]| {
    let [mode, at, rest @ ..] = data else { return };
    let (before, after) = HANDSHAKE.split_at(usize::from(*at) % (HANDSHAKE.len() + 1));
    let bytes = match mode % 3 {
        0 => rest.to_vec(),
        1 => [before, rest, after].concat(),
        _ => [before, rest, after.get(rest.len()..).unwrap_or_default()].concat(),
    };
    RUNTIME.with_borrow_mut(|runtime| runtime.block_on(compare(&bytes)));
});

async fn compare(bytes: &[u8]) {
    let io = SocketIo::new(SocketIoConfig::default());
    let Some((key, length)) = fuzzing::head(&io, bytes) else { return };
    let head = &bytes[..length];
    assert!(head.ends_with(b"\n\r\n") || head.ends_with(b"\n\n"), "it ends within the head");
    let answer = over_http(&io, head).await.to_ascii_lowercase();
    assert!(answer.starts_with("http/1.1 101 "), "granted, but over HTTP: {answer}");
    let proof = format!("sec-websocket-accept: {}\r\n", key.to_ascii_lowercase());
    assert!(answer.contains(&proof), "{proof} is not in {answer}");
    io.drain(Duration::from_secs(5)).await;
    assert_eq!(io.stats().connections, 0);
}

/// Returns the HTTP server's response to the same bytes, up to the end of its head.
async fn over_http(io: &SocketIo, head: &[u8]) -> String {
    let (mut near, far) = tokio::io::duplex(head.len().max(1024));
    let service = TowerToHyperService::new(io.service());
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service);
    tokio::spawn(connection.with_upgrades());
    near.write_all(head).await.expect("room for all of it");
    let mut answer = Vec::new();
    let reading = async {
        while !answer.ends_with(b"\r\n\r\n") {
            let Ok(byte) = near.read_u8().await else { break };
            answer.push(byte);
        }
    };
    let _ = timeout(Duration::from_secs(1), reading).await;
    String::from_utf8_lossy(&answer).into_owned()
}
