//! Graceful shutdown.

use std::time::Duration;

use superbot_socketio::{Socket, SocketIoConfig};
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use crate::support::{Log, Polling, Server, eventually, frame, http, raw_ws, read_frame};

#[tokio::test]
async fn everyone_is_sent_what_waits_and_may_come_back() {
    let log = Log::default();
    let server = Server::start(SocketIoConfig::default(), |io| log.disconnects(io)).await;
    let mut ws = server.join().await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    eventually(|| server.io.stats().sockets == 2).await;
    server.io.of("/").broadcast().emit("going_away", &1).unwrap();
    let (poll, ()) = tokio::join!(client.get(), server.io.drain(Duration::from_secs(20)));
    // No CLOSE packet, after which python-socketio would not reconnect.
    assert_eq!(poll.body, "42[\"going_away\",1]");
    assert_eq!(client.get().await.status, 400);
    assert_eq!(ws.text().await, "42[\"going_away\",1]");
    // No DISCONNECT packet, so official clients reconnect.
    assert_eq!(ws.end().await, Some(1001));
    assert_eq!(log.lines(), ["server shutting down"; 2]);
    assert_eq!(server.io.stats().connections, 0);
    let reply = http(server.addr, "GET", Polling::OPEN, "", "").await;
    assert_eq!(reply.status, 503);
    assert!(reply.head.contains("retry-after: "));
}

#[tokio::test]
async fn a_poll_that_has_nothing_to_take_ends_at_once() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    let target = client.target();
    let poll = tokio::spawn(async move { http(server.addr, "GET", &target, "", "").await });
    eventually(|| server.io.stats().sockets == 1).await;
    server.io.drain(Duration::from_secs(20)).await;
    let poll = poll.await.unwrap();
    assert_eq!((poll.status, poll.body.starts_with('1')), (400, false), "{}", poll.body);
    assert_eq!(server.io.stats().connections, 0);
}

#[tokio::test]
async fn a_stalled_peer_and_a_stuck_handler_do_not_hold_the_stop_up() {
    let log = Log::default();
    let config = SocketIoConfig { send_buffer: Some(4096), ..SocketIoConfig::default() };
    let server = Server::start(config, |io| {
        io.of("/").on("stuck", |_: Socket, _| std::future::pending());
        log.disconnects(io);
    })
    .await;
    let mut stalled = raw_ws(server.addr, Some(4096)).await;
    read_frame(&mut stalled).await;
    stalled.write_all(&frame(0x81, b"40")).await.unwrap();
    read_frame(&mut stalled).await;
    server.only_socket().await.emit("big", &"x".repeat(3_000_000)).unwrap();
    let mut stuck = server.join().await;
    stuck.send("42[\"stuck\"]").await;
    eventually(|| server.io.stats().packets_received == 3).await;
    let begin = Instant::now();
    server.io.drain(Duration::from_millis(300)).await;
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    // The stalled peer's handler ran. The stuck one's could not, as handlers run sequentially.
    assert_eq!(log.lines(), ["server shutting down"]);
    let stats = server.io.stats();
    assert_eq!((stats.connections, stats.queued_bytes), (0, 0));
}
