//! The WebSocket transport, as specified by RFC 6455 and "WebSocket" of the Engine.IO protocol.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use superbot_socketio::{ClientEvent, Socket, SocketIo, SocketIoConfig};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Log, Server, Ws, eventually, frame, http, raw_ws, read_frame};

fn echo(io: &SocketIo) {
    io.of("/").on("echo", |socket: Socket, event: ClientEvent| async move {
        socket.emit("echo", &event.args.values).unwrap();
    });
}

#[tokio::test]
async fn a_handshake_offers_no_upgrade() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let mut ws = Ws::connect(server.addr, "").await;
    assert!(ws.text().await.contains("\"upgrades\":[],\"pingInterval\":25000"));
    assert_eq!(server.io.stats().websocket, 1);
    let target = "/socket.io/?EIO=4&transport=websocket";
    let headers = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 12\r\nSec-WebSocket-Key: x\r\n";
    let reply = http(server.addr, "GET", target, headers, "").await;
    assert_eq!(reply.status, 426);
    assert!(reply.head.contains("sec-websocket-version: 13"));
}

#[tokio::test]
async fn frames_may_be_cut_anywhere() {
    let server = Server::start(SocketIoConfig::default(), echo).await;
    let mut stream = raw_ws(server.addr, None).await;
    read_frame(&mut stream).await;
    let mut input = frame(0x81, b"40");
    // A message in three fragments, with a ping in between.
    input.extend(frame(0x01, b"42[\"ec"));
    input.extend(frame(0x89, b"are you there"));
    input.extend(frame(0x00, b"ho\",1,"));
    input.extend(frame(0x80, b"2]"));
    for byte in input {
        stream.write_all(&[byte]).await.unwrap();
        stream.flush().await.unwrap();
    }
    let mut seen = [read_frame(&mut stream).await, read_frame(&mut stream).await, read_frame(&mut stream).await];
    // The pong is sent by the reading task, the other messages by the handlers' task.
    seen.sort();
    assert_eq!(seen[0].0, 0x81);
    assert!(seen[0].1.starts_with(b"40{\"sid\""));
    assert_eq!(seen[1], (0x81, b"42[\"echo\",1,2]".to_vec()));
    assert_eq!(seen[2], (0x8a, b"are you there".to_vec()));
}

#[tokio::test]
async fn large_messages_arrive_whole_both_ways() {
    let server = Server::start(SocketIoConfig::default(), echo).await;
    let mut ws = server.join().await;
    for size in [100, 70_000, 900_000] {
        let message = format!("42[\"echo\",\"{}\"]", "é".repeat(size / 2));
        ws.send(&message).await;
        assert_eq!(ws.text().await, message);
    }
}

#[tokio::test]
async fn what_breaks_the_rules_is_closed_with_the_right_code() {
    let log = Log::default();
    let config = SocketIoConfig { max_payload: 1000, ..SocketIoConfig::default() };
    let server = Server::start(config, |io| log.disconnects(io)).await;
    let mut unmasked = frame(0x81, b"3");
    unmasked[1] &= 0x7f;
    let cases: [(&[u8], u16); 9] = [
        (&unmasked, 1002),
        (&frame(0xc1, b"3"), 1002),
        (&frame(0x83, b"3"), 1002),
        (&frame(0x80, b"3"), 1002),
        (&frame(0x09, b"3"), 1002),
        (&frame(0x89, &[b'x'; 126]), 1002),
        (&frame(0x81, b"4\xff"), 1007),
        (&frame(0x81, &[b'4'; 1001]), 1009),
        (&frame(0x81, b"abc"), 1002),
    ];
    for (number, (bytes, code)) in cases.into_iter().enumerate() {
        let mut stream = raw_ws(server.addr, None).await;
        read_frame(&mut stream).await;
        stream.write_all(&frame(0x81, b"40")).await.unwrap();
        read_frame(&mut stream).await;
        stream.write_all(bytes).await.unwrap();
        let (opcode, close) = read_frame(&mut stream).await;
        assert_eq!((opcode, &close[..2]), (0x88, &code.to_be_bytes()[..]), "{bytes:?}");
        assert_eq!(log.wait_for(number + 1).await[number], "parse error");
    }
    eventually(|| server.io.stats().connections == 0).await;
}

#[tokio::test]
async fn a_close_is_answered_in_kind() {
    let log = Log::default();
    let server = Server::start(SocketIoConfig::default(), |io| log.disconnects(io)).await;
    let mut ws = server.join().await;
    ws.0.close(None).await.unwrap();
    assert_eq!(ws.end().await, Some(1000));
    let mut ws = server.join().await;
    ws.send("1").await;
    assert_eq!(ws.end().await, Some(1000));
    let ws = server.join().await;
    drop(ws);
    assert_eq!(log.wait_for(3).await, ["transport close"; 3]);
}

#[tokio::test]
async fn pings_are_sent_and_silence_ends_the_session() {
    let config = SocketIoConfig {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_secs(1),
        ..SocketIoConfig::default()
    };
    let log = Log::default();
    let server = Server::start(config, |io| log.disconnects(io)).await;
    let mut ws = server.join().await;
    for _ in 0..3 {
        assert_eq!(ws.next().await, Some(Message::text("2")));
        ws.send("3").await;
    }
    ws.end().await;
    assert_eq!(log.wait_for(1).await, ["ping timeout"]);
}

#[tokio::test]
async fn any_other_stream_serves_as_well() {
    let io = SocketIo::new(SocketIoConfig::default());
    echo(&io);
    let (near, far) = tokio::io::duplex(100);
    let service = TowerToHyperService::new(io.service());
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service);
    tokio::spawn(connection.with_upgrades());
    let url = "ws://any/socket.io/?EIO=4&transport=websocket";
    let (mut ws, _) = tokio_tungstenite::client_async(url, near).await.unwrap();
    ws.send(Message::text("40")).await.unwrap();
    let message = format!("42[\"echo\",\"{}\"]", "x".repeat(50_000));
    ws.next().await.unwrap().unwrap();
    ws.next().await.unwrap().unwrap();
    for _ in 0..3 {
        ws.send(Message::text(message.as_str())).await.unwrap();
        assert_eq!(ws.next().await.unwrap().unwrap(), Message::text(message.as_str()));
    }
    ws.close(None).await.unwrap();
    eventually(|| io.stats().connections == 0).await;
}
