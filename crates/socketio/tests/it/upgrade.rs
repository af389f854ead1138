//! The upgrade from polling to WebSocket, as specified in "Upgrade" of the Engine.IO protocol.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use superbot_socketio::{ClientEvent, ConnectRefusal, Socket, SocketIoConfig};

use crate::support::{Log, Polling, Server, Ws, eventually, http};

/// Starts an upgrade, up to the server's response to the probe.
async fn probe(client: &Polling) -> Ws {
    let mut ws = Ws::connect(client.addr, &format!("&sid={}", client.sid)).await;
    ws.send("2probe").await;
    assert_eq!(ws.text().await, "3probe");
    ws
}

#[tokio::test]
async fn a_probe_releases_the_poll_with_a_noop() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let client = Polling::open(server.addr).await;
    let (poll, mut ws) = tokio::join!(client.get(), probe(&client));
    assert_eq!(poll.body, "6");
    ws.send("5").await;
    ws.send("40").await;
    assert!(ws.text().await.starts_with("40"));
    let stats = server.io.stats();
    assert_eq!((stats.polling, stats.websocket, stats.connections), (0, 1, 1));
    assert_eq!(client.get().await.status, 400);
    assert_eq!(client.post("3").await.status, 400);
    let mut second = Ws::connect(client.addr, &format!("&sid={}", client.sid)).await;
    assert_eq!(second.end().await, Some(1008));
    ws.send("42[\"still\"]").await;
    ws.send("41").await;
    ws.send("40").await;
    assert!(ws.text().await.starts_with("40"));
}

#[tokio::test]
async fn a_session_that_is_not_taken_over_stays_on_polling() {
    let config = SocketIoConfig { upgrade_timeout: Duration::from_millis(100), ..SocketIoConfig::default() };
    let server = Server::start(config, |_| {}).await;
    let client = Polling::open(server.addr).await;
    let mut unfinished = probe(&client).await;
    unfinished.end().await;
    let mut wrong = Ws::connect(client.addr, &format!("&sid={}", client.sid)).await;
    wrong.send("4hello").await;
    wrong.end().await;
    client.join().await;
    assert_eq!(server.io.stats().polling, 1);
    let nowhere = "/socket.io/?EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAAAA";
    let headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n";
    assert!(http(server.addr, "GET", nowhere, headers, "").await.body.starts_with("{\"code\":1,"));
}

#[tokio::test]
async fn a_session_that_closes_while_it_is_taken_over_says_why_on_the_websocket() {
    let server = Server::start(SocketIoConfig::default(), |io| {
        io.of("/").middleware(|_| async { Err(ConnectRefusal::new("go away").and_close()) });
    })
    .await;
    let client = Polling::open(server.addr).await;
    let (poll, mut ws) = tokio::join!(client.get(), probe(&client));
    assert_eq!(poll.body, "6");
    // From here on the client no longer polls, but a POST is still in progress.
    client.post("40").await;
    eventually(|| server.io.stats().queued_bytes > 0).await;
    ws.send("5").await;
    assert_eq!(ws.text().await, "44{\"message\":\"go away\"}");
    assert_eq!(ws.text().await, "1");
    ws.end().await;
    eventually(|| server.io.stats().connections == 0).await;
    let stats = server.io.stats();
    assert_eq!((stats.polling, stats.websocket, stats.queued_bytes), (0, 0, 0));
}

/// Extracts the numbers of `42["n",…]` events from a payload or message.
fn numbers(text: &str) -> Vec<u32> {
    let events = text.split('\x1e').filter_map(|packet| packet.strip_prefix("42[\"n\","));
    events.map(|rest| rest.trim_end_matches(']').parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_reordered_under_load() {
    let log = Log::default();
    let noted = log.clone();
    let server = Server::start(SocketIoConfig::default(), |io| {
        io.of("/").on("up", move |_: Socket, event: ClientEvent| {
            let noted = noted.clone();
            async move { noted.note(event.args.values[0].to_string()) }
        });
        io.of("/").on("more", |socket: Socket, _| async move { socket.emit("more", &()).unwrap() });
    })
    .await;
    for _ in 0..3 {
        let before = log.lines().len();
        let client = Polling::open(server.addr).await;
        client.join().await;
        let socket = server.only_socket().await;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let publisher = tokio::spawn(async move {
            let mut count = 0_u32;
            while !stopped.load(Relaxed) {
                socket.emit("n", &count).unwrap();
                count += 1;
                socket.drained(5_000).await;
                tokio::task::yield_now().await;
            }
            count
        });
        let mut down = Vec::new();
        for number in 0..10 {
            let event = format!("42[\"up\",{number}]");
            let (poll, post) = tokio::join!(client.get(), client.post(&event));
            assert_eq!(post.body, "ok");
            down.extend(numbers(&poll.body));
        }
        // Like official clients: the last poll ends before the upgrade is completed.
        let (poll, mut ws) = tokio::join!(client.get(), probe(&client));
        down.extend(numbers(&poll.body));
        ws.send("5").await;
        for number in 10..100 {
            ws.send(&format!("42[\"up\",{number}]")).await;
        }
        for _ in 0..1_000 {
            down.extend(numbers(&ws.text().await));
        }
        stop.store(true, Relaxed);
        // Gives the publisher something to read until it sees the signal, even if the connection is congested.
        while !publisher.is_finished() {
            ws.send("42[\"more\"]").await;
            down.extend(numbers(&ws.text().await));
        }
        let count = publisher.await.unwrap();
        while down.len() < count as usize {
            down.extend(numbers(&ws.text().await));
        }
        assert_eq!(down, (0..count).collect::<Vec<_>>());
        let up = log.wait_for(before + 100).await;
        assert_eq!(up[before..], (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
        drop(ws);
        eventually(|| server.io.stats().sockets == 0).await;
    }
}
