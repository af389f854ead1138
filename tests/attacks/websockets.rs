//! WebSockets of unauthenticated clients that never join a namespace.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::attacker::{ATTACKER, connect, head, until_closed};
use crate::report::Scene;
use crate::scale::{Bounds, sized, usual};
use crate::support::{Options, Server};

const TEXT: u8 = 1;
const BINARY: u8 = 2;
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;

/// Opens a WebSocket without sending any packets.
async fn open(server: &Server) -> Option<TcpStream> {
    let mut stream = connect(server, ATTACKER).await.ok()?;
    let headers = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    stream.write_all(head("GET", "/socket.io/?EIO=4&transport=websocket", &headers).as_bytes()).await.ok()?;
    let mut answer = Vec::new();
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
        (stream.read_buf(&mut answer).await.ok()? > 0).then_some(())?;
    }
    answer.starts_with(b"HTTP/1.1 101").then_some(stream)
}

/// Encodes a client frame (RFC 6455, section 5.2). The mask is zero, which leaves the payload unchanged.
fn frame(opcode: u8, is_final: bool, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![opcode | if is_final { FINAL } else { 0 }];
    match payload.len() {
        length @ 0..126 => frame.push(MASKED | u8::try_from(length).unwrap()),
        length @ 126..0x1_0000 => {
            frame.push(MASKED | 0x7e);
            frame.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
        length => {
            frame.push(MASKED | 0x7f);
            frame.extend(u64::try_from(length).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// 5.6 MB: an event with 16 attachments, four of which are sent, and an unfinished message.
fn large_messages() -> Vec<u8> {
    const MEGABYTE: usize = 1_000_000;
    let event = format!("4516-[\"x\",\"{}\"]", "a".repeat(700_000));
    let mut sent = frame(TEXT, true, event.as_bytes());
    for _ in 0..4 {
        sent.extend(frame(BINARY, true, &vec![b'a'; MEGABYTE - 1]));
    }
    sent.extend(frame(TEXT, false, &vec![b'a'; 900_000]));
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn large_messages_of_strangers_take_bounded_memory() {
    let scene = Arc::new(Scene::set(Options::default()).await);
    let count = sized(20, 150);
    let outcome = scene
        .attack("large messages on WebSockets without a credential", async {
            let messages: Arc<[u8]> = large_messages().into();
            let ends = Instant::now() + Duration::from_secs(8);
            let mut senders = JoinSet::new();
            for _ in 0..count {
                let scene = Arc::clone(&scene);
                let messages = Arc::clone(&messages);
                senders.spawn(async move { send_and_hold(&scene.server, &messages, ends).await });
            }
            let taken: usize = senders.join_all().await.into_iter().sum();
            assert!(taken > 0, "the server reads what strangers send");
            format!("{count} at once, {} MB taken", taken / 1_000_000)
        })
        .await;
    outcome.assert_within(Bounds { memory_rise_mb: sized(40, 60), ..usual() });
}

/// Sends everything over one WebSocket and keeps it open. Returns the number of bytes accepted.
async fn send_and_hold(server: &Server, messages: &[u8], ends: Instant) -> usize {
    let Some(mut stream) = open(server).await else { return 0 };
    let mut taken = 0;
    let sending = async {
        for part in messages.chunks(64 << 10) {
            if stream.write_all(part).await.is_err() {
                return;
            }
            taken += part.len();
        }
        until_closed(&mut stream).await;
    };
    let _ = tokio::time::timeout(ends.saturating_duration_since(Instant::now()), sending).await;
    taken
}

/// Sends small packets as fast as they are accepted, replacing closed WebSockets.
async fn flood(server: &Server, packet: &str, ends: Instant) -> usize {
    let packets = frame(TEXT, true, packet.as_bytes()).repeat(4096);
    let mut sent = 0;
    while Instant::now() < ends {
        let Some(stream) = open(server).await else {
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (mut reader, mut writer) = stream.into_split();
        let reading = tokio::spawn(async move { until_closed(&mut reader).await });
        let sending = async {
            while writer.write_all(&packets).await.is_ok() {
                sent += packets.len();
            }
        };
        let _ = tokio::time::timeout(ends.saturating_duration_since(Instant::now()), sending).await;
        reading.abort();
    }
    sent
}

#[tokio::test(flavor = "multi_thread")]
async fn floods_of_packets_of_strangers_hold_nobody_up() {
    let scene = Arc::new(Scene::set(Options::default()).await);
    let outcome = scene
        .attack("small packets on WebSockets without a credential", async {
            let ends = Instant::now() + Duration::from_secs(5);
            let mut floods = JoinSet::new();
            // Engine.IO's noop and pong packets, and an acknowledgement of an unknown event.
            for packet in ["6", "3", "430[]", "6"] {
                let scene = Arc::clone(&scene);
                floods.spawn(async move { flood(&scene.server, packet, ends).await });
            }
            let sent: usize = floods.join_all().await.into_iter().sum();
            assert!(sent > 0, "the server reads what strangers send");
            format!("4 connections for 5 s, {} MB taken", sent / 1_000_000)
        })
        .await;
    outcome.assert_within(Bounds { p99: sized(Duration::from_secs(2), usual().p99), ..usual() });
}

#[tokio::test(flavor = "multi_thread")]
async fn websockets_that_join_nothing_keep_nobody_out() {
    let options = sized(Options::default().set("server.max_connections", 1_000), Options::default());
    let scene = Arc::new(Scene::set(options).await);
    let outcome = scene
        .attack("WebSockets that join nothing", async {
            let ends = Instant::now() + Duration::from_secs(4);
            let count = sized(1_200, 4_200);
            let mut holders = JoinSet::new();
            for _ in 0..count {
                let scene = Arc::clone(&scene);
                holders.spawn(async move {
                    let mut opened = 0;
                    while Instant::now() < ends {
                        if let Some(mut stream) = open(&scene.server).await {
                            opened += 1;
                            let left = ends.saturating_duration_since(Instant::now());
                            let _ = tokio::time::timeout(left, until_closed(&mut stream)).await;
                        }
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                    opened
                });
            }
            let opened: usize = holders.join_all().await.into_iter().sum();
            assert!(opened > 100, "strangers are let in: {opened}");
            format!("{count} at once for 4 s, {opened} opened in all")
        })
        .await;
    outcome.assert_within(usual());
}
