//! Limits on everything a client can make grow; a violation affects only the violator.

use std::time::Duration;

use superbot_socketio::{AckError, SocketIoConfig};

use crate::support::{Log, Polling, Server, Ws, eventually, http};

#[tokio::test]
async fn there_are_only_so_many_connections() {
    let server = Server::start(SocketIoConfig { max_connections: 2, ..SocketIoConfig::default() }, |_| {}).await;
    let ws = server.join().await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    let websocket =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n";
    for (target, headers) in [(Polling::OPEN, ""), ("/socket.io/?EIO=4&transport=websocket", websocket)] {
        let reply = http(server.addr, "GET", target, headers, "").await;
        assert_eq!(reply.status, 503);
        assert!(reply.head.contains("retry-after: "));
    }
    drop(ws);
    eventually(|| server.io.stats().connections == 1).await;
    server.join().await;
}

#[tokio::test]
async fn packets_that_break_the_protocol_or_a_limit_end_only_their_session() {
    let log = Log::default();
    let config = SocketIoConfig {
        max_attachments: 2,
        max_event_name: 10,
        max_inbound_bytes: 5_000,
        ..SocketIoConfig::default()
    };
    let server = Server::start(config, |io| log.disconnects(io)).await;
    let mut bystander = server.join().await;
    let deep = format!("42[\"e\",{}", "[".repeat(200));
    let nested = format!("42[\"e\",{}{}]", "[".repeat(5_000), "]".repeat(5_000));
    for (number, bad) in [
        "4abc",
        "42{}",
        "42[]",
        "42[1]",
        "42abc[\"e\"]",
        "42[\"e\"",
        "4299999999999999999999[\"e\"]",
        "42[\"a name too long\"]",
        "43[1]",
        "430{}",
        "453-[\"e\"]",
        "45[\"e\"]",
        "45-[\"e\"]",
        "44{\"message\":\"mine to say\"}",
        "40[1]",
        "40{\"a\":",
        "42/unknown,[\"e\"]",
        "47",
        &deep,
        &nested,
    ]
    .into_iter()
    .enumerate()
    {
        let mut ws = server.join().await;
        // A CONNECT packet is validated even if one was accepted before.
        ws.send(bad).await;
        assert_eq!(ws.end().await, Some(1002), "{bad}");
        assert_eq!(log.wait_for(number + 1).await[number], "parse error", "{bad}");
    }
    for packets in [&["451-[\"e\"]", "3"][..], &["42[\"e\"]"]] {
        let mut ws = Ws::open(server.addr).await;
        for packet in packets {
            ws.send(packet).await;
        }
        ws.send("42[\"too soon\"]").await;
        assert_eq!(ws.end().await, Some(1002), "{packets:?}");
    }
    let mut ws = server.join().await;
    ws.send("452-[\"e\"]").await;
    ws.send_binary(&[0; 3_000]).await;
    ws.send_binary(&[0; 3_000]).await;
    assert_eq!(ws.end().await, Some(1002));
    server.io.of("/").broadcast().emit("still", &"here").unwrap();
    assert_eq!(bystander.text().await, "42[\"still\",\"here\"]");
}

#[tokio::test]
async fn joining_over_and_over_does_not_get_ahead_of_the_handlers() {
    let config = SocketIoConfig { max_inbound: 3, ..SocketIoConfig::default() };
    let server = Server::start(config, |io| {
        io.of("/").middleware(|_| std::future::pending());
    })
    .await;
    let mut ws = Ws::open(server.addr).await;
    for _ in 0..50 {
        ws.send("40").await;
        ws.send("41").await;
    }
    eventually(|| server.io.stats().packets_received == 5).await;
    ws.send("3").await;
    // A round trip of another client: enough time for the server to have read more.
    let mut other = Ws::open(server.addr).await;
    other.send("40/nowhere,").await;
    other.text().await;
    assert_eq!(server.io.stats().packets_received, 6);
}

#[tokio::test]
async fn whoever_joins_nothing_is_closed() {
    let config = SocketIoConfig { connect_timeout: Duration::from_millis(50), ..SocketIoConfig::default() };
    let server = Server::start(config, |_| {}).await;
    let mut idle = Ws::open(server.addr).await;
    assert_eq!(idle.end().await, Some(1000));
    let polling = Polling::open(server.addr).await;
    assert_eq!(polling.get().await.status, 400);
    eventually(|| server.io.stats().connections == 0).await;
}

#[tokio::test]
async fn there_are_only_so_many_namespaces_and_acknowledgements() {
    let config = SocketIoConfig { max_namespaces_per_connection: 2, max_pending_acks: 1, ..SocketIoConfig::default() };
    let server = Server::start(config, |io| {
        io.of("/a");
        io.of("/b");
    })
    .await;
    let mut ws = server.join().await;
    ws.send("40/a,").await;
    assert!(ws.text().await.starts_with("40/a,{"));
    ws.send("40/b,").await;
    assert_eq!(ws.text().await, "44/b,{\"message\":\"Too many namespaces\"}");
    ws.send("41/a,").await;
    ws.send("40/b,").await;
    assert!(ws.text().await.starts_with("40/b,{"));
    let socket = server.only_socket().await;
    let wait = Duration::from_millis(100);
    let (first, second) = tokio::join!(socket.emit_with_ack("a", &(), wait), socket.emit_with_ack("b", &(), wait));
    assert!(
        matches!((&first, &second), (Err(AckError::Timeout), Err(AckError::TooManyPending))),
        "{first:?} {second:?}"
    );
}
