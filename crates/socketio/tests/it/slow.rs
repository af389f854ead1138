//! Peers that read slowly or not at all.

use std::time::Duration;

use superbot_socketio::{EventPacket, SendError, SocketIoConfig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::sleep;

use crate::support::{Log, Server, eventually, frame, raw_ws, read_frame};

fn small_buffers() -> SocketIoConfig {
    SocketIoConfig { send_buffer: Some(4096), queue_bytes: 200_000, ..SocketIoConfig::default() }
}

/// A connected client with a small receive buffer that reads only on demand.
async fn reluctant(server: &Server) -> tokio::net::TcpStream {
    let mut stream = raw_ws(server.addr, Some(4096)).await;
    read_frame(&mut stream).await;
    stream.write_all(&frame(0x81, b"40")).await.unwrap();
    read_frame(&mut stream).await;
    stream
}

fn numbered(number: usize) -> String {
    format!("[\"n\",{number},\"{}\"]", "x".repeat(1000))
}

#[tokio::test]
async fn a_peer_that_stops_reading_is_cut_off_and_nobody_else_notices() {
    let config = SocketIoConfig { write_deadline: Duration::from_millis(500), ..small_buffers() };
    let log = Log::default();
    let server = Server::start(config, |io| log.disconnects(io)).await;
    let stalled = reluctant(&server).await;
    let victim = server.only_socket().await;
    let mut reader = server.join().await;
    eventually(|| server.io.stats().sockets == 2).await;
    let mut full = 0;
    // Broadcasting never blocks, so the stalled peer cannot delay it.
    for number in 0..400 {
        let packet = EventPacket::event("/", "n", &(number, "x".repeat(1000))).unwrap();
        full += server.io.of("/").broadcast().send(&packet).full.iter().filter(|s| s.id() == victim.id()).count();
        assert_eq!(reader.text().await, format!("42{}", numbered(number)));
    }
    assert!(full > 0, "the stalled peer's queue never filled");
    assert!(victim.queued_bytes() > 0 || !victim.is_connected());
    assert_eq!(log.wait_for(1).await, ["write deadline"]);
    victim.closed().await;
    victim.drained(0).await;
    assert_eq!(victim.queued_bytes(), 0);
    eventually(|| server.io.stats().connections == 1).await;
    let stats = server.io.stats();
    assert_eq!((stats.cut_offs, stats.queued_bytes, stats.sockets), (1, 0, 1));
    assert!(matches!(victim.emit("late", &()), Err(SendError::Closed)));
    drop(stalled);
}

#[tokio::test]
async fn a_slow_peer_that_reads_keeps_its_connection_and_loses_nothing() {
    let config = SocketIoConfig {
        write_deadline: Duration::from_millis(500),
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_millis(500),
        ..small_buffers()
    };
    let server = Server::start(config, |_| {}).await;
    let mut stream = reluctant(&server).await;
    let socket = server.only_socket().await;
    let publisher = tokio::spawn(async move {
        for number in 0..300 {
            let packet = EventPacket::event("/", "n", &(number, "x".repeat(1000))).unwrap();
            while let Err(error) = socket.send(&packet) {
                assert!(matches!(error, SendError::Full), "{error}");
                socket.drained(100_000).await;
            }
        }
    });
    let mut expected = 0;
    while expected < 300 {
        // About a third of a megabyte within two deadlines: slow, but steady.
        sleep(Duration::from_millis(3)).await;
        let (kind, payload) = read_frame(&mut stream).await;
        assert_eq!(kind, 0x81);
        if payload == b"2" {
            stream.write_all(&frame(0x81, b"3")).await.unwrap();
        } else {
            assert_eq!(payload, format!("42{}", numbered(expected)).into_bytes());
            expected += 1;
        }
    }
    publisher.await.unwrap();
    assert_eq!(server.io.stats().queued_bytes, 0);
}

#[tokio::test]
async fn frames_written_in_pieces_arrive_whole() {
    let server = Server::start(small_buffers(), |_| {}).await;
    let mut stream = reluctant(&server).await;
    let socket = server.only_socket().await;
    let big = "y".repeat(3_000_000);
    // Larger than the queue limit, but the queue is empty.
    socket.emit("big", &big).unwrap();
    assert!(socket.queued_bytes() > 200_000);
    assert!(matches!(socket.send(&EventPacket::event_raw("/", "next", "1")), Err(SendError::Full)));
    let (_, payload) = read_frame(&mut stream).await;
    assert_eq!(payload.len(), big.len() + "42[\"big\",\"\"]".len());
    socket.drained(0).await;
    socket.emit("next", &1).unwrap();
    assert_eq!(read_frame(&mut stream).await.1, b"42[\"next\",1]");
}

#[tokio::test]
async fn an_emit_that_does_not_fit_cuts_off() {
    let log = Log::default();
    let server = Server::start(small_buffers(), |io| log.disconnects(io)).await;
    let mut stream = reluctant(&server).await;
    let socket = server.only_socket().await;
    let text = "z".repeat(1000);
    // Also from a thread outside any runtime.
    std::thread::spawn(move || while socket.emit("z", &text).is_ok() {}).join().unwrap();
    assert_eq!(log.wait_for(1).await, ["queue overflow"]);
    eventually(|| server.io.stats().connections == 0).await;
    let mut rest = Vec::new();
    // The connection is reset, so the peer cannot read the rest.
    assert!(stream.read_to_end(&mut rest).await.is_err());
}

#[tokio::test]
async fn slow_handlers_pause_reading_and_lose_nothing() {
    let log = Log::default();
    let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
    let noted = log.clone();
    let key = gate.clone();
    let config = SocketIoConfig {
        max_inbound: 4,
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_millis(100),
        ..SocketIoConfig::default()
    };
    let server = Server::start(config, |io| {
        io.of("/").on("e", move |_, event: superbot_socketio::ClientEvent| {
            let key = key.clone();
            let noted = noted.clone();
            async move {
                key.acquire().await.unwrap().forget();
                noted.note(event.args.values[0].to_string());
            }
        });
    })
    .await;
    let mut ws = server.join().await;
    for number in 0..200 {
        ws.send(&format!("42[\"e\",{number}]")).await;
    }
    let received = || server.io.stats().packets_received;
    eventually(|| received() == 5).await;
    // For several ping timeouts the server does not read, and must not count the client as dead.
    sleep(Duration::from_millis(500)).await;
    assert_eq!(received(), 5);
    assert_eq!(server.io.stats().sockets, 1);
    gate.add_permits(200);
    let expected: Vec<_> = (0..200).map(|n| n.to_string()).collect();
    assert_eq!(log.wait_for(200).await, expected);
}
