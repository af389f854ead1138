//! HTTP long-polling, as specified in "HTTP long-polling" and "Heartbeat" of the Engine.IO protocol.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty};
use superbot_socketio::engine::{EngineFrame, EngineIo, EngineSession, MalformedPacket, SessionHandler, SessionPeer};
use superbot_socketio::{DisconnectReason, SocketIo, SocketIoConfig};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tower::{Service as _, ServiceExt as _};

use crate::support::{self, Log, Polling, Server, eventually, serve};

struct Echo;

impl SessionHandler for Echo {
    fn opened(&self, session: &Arc<EngineSession>) -> Box<dyn SessionPeer> {
        session.admit();
        Box::new(Echo)
    }
}

impl SessionPeer for Echo {
    fn text(&self, session: &Arc<EngineSession>, message: &str) -> Result<(), MalformedPacket> {
        session.send(&[EngineFrame::message(message)]).map_err(|_| MalformedPacket)
    }

    fn binary(&self, session: &Arc<EngineSession>, message: Bytes) -> Result<(), MalformedPacket> {
        session.send(&[EngineFrame::binary(&message)]).map_err(|_| MalformedPacket)
    }

    fn closed(&self, _: DisconnectReason) {}
}

async fn echo(config: SocketIoConfig) -> Polling {
    let addr = serve(Router::new().layer(EngineIo::new(config, Echo).layer())).await;
    Polling::open(addr).await
}

#[tokio::test]
async fn a_handshake_tells_the_protocols_values() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let reply = support::http(server.addr, "GET", Polling::OPEN, "", "").await;
    assert!(reply.head.contains("content-type: text/plain"), "{}", reply.head);
    let (sid, rest) = reply.body.strip_prefix("0{\"sid\":\"").unwrap().split_once('"').unwrap();
    assert_eq!(sid.len(), 22);
    assert_eq!(
        rest,
        ",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\"pingTimeout\":20000,\"maxPayload\":1000000}"
    );
}

#[tokio::test]
async fn a_post_that_meets_the_end_leaves_what_waits_for_the_next_poll() {
    // The order of two events that are ready at the same time used to be random.
    for _ in 0..10 {
        let server = Server::start(SocketIoConfig::default(), |_| {}).await;
        let client = Polling::open(server.addr).await;
        client.join().await;
        let socket = server.only_socket().await;
        socket.emit("last", "words").unwrap();
        socket.close_transport(DisconnectReason::Closed("test"));
        assert_eq!(client.post("3").await.body, "ok");
        assert_eq!(client.get().await.body, "42[\"last\",\"words\"]");
    }
}

#[tokio::test]
async fn wrong_requests_are_told_what_is_wrong() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    for (method, query, code) in [
        ("GET", "EIO=4", 0),
        ("GET", "EIO=4&transport=carrier-pigeon", 0),
        ("GET", "EIO=4&transport=polling&sid=unknown", 1),
        ("GET", "EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAAAAAAAA", 1),
        ("POST", "EIO=4&transport=polling", 2),
        ("PUT", "EIO=4&transport=polling", 2),
        ("GET", "EIO=4&transport=websocket", 3),
        ("GET", "EIO=3&transport=polling", 5),
        ("GET", "transport=polling", 5),
    ] {
        let reply = support::http(server.addr, method, &format!("/socket.io/?{query}"), "", "").await;
        assert_eq!(reply.status, 400, "{query}");
        assert!(reply.body.starts_with(&format!("{{\"code\":{code},\"message\":")), "{query}: {}", reply.body);
        assert_eq!(reply.body.contains("\"hint\":"), [1, 5].contains(&code), "{query}: {}", reply.body);
    }
    assert_eq!(server.io.stats().connections, 0);
}

#[tokio::test]
async fn a_client_with_another_parser_is_told_that_there_is_only_one() {
    // MessagePack of {"type": 0, "nsp": "/"}, the CONNECT packet of socket.io-msgpack-parser.
    const CONNECT: &[u8] = b"\x82\xa4type\x00\xa3nsp\xa1/";
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let client = Polling::open(server.addr).await;
    let reply = client.post(&format!("b{}", STANDARD.encode(CONNECT))).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body.starts_with("{\"code\":3,\"message\":\"Bad request\",\"hint\":"), "{}", reply.body);
    assert!(reply.body.contains("msgpack"), "{}", reply.body);
    let mut ws = support::Ws::open(server.addr).await;
    ws.send_binary(CONNECT).await;
    let Some(Message::Close(Some(close))) = ws.next().await else { panic!("no close frame") };
    assert_eq!(u16::from(close.code), 1002);
    assert!(close.reason.contains("parser"), "{}", close.reason);
}

#[tokio::test]
async fn payloads_hold_several_packets_and_binary_data() {
    let client = echo(SocketIoConfig::default()).await;
    assert_eq!(client.post("4hello\x1ebAQIDBA==\x1e4world").await.body, "ok");
    assert_eq!(client.get().await.body, "4hello\x1ebAQIDBA==\x1e4world");
}

#[tokio::test]
async fn an_answer_is_no_larger_than_agreed() {
    let client = echo(SocketIoConfig { max_payload: 100, ..SocketIoConfig::default() }).await;
    let message = format!("4{}", "x".repeat(59));
    assert_eq!(client.post(&message).await.body, "ok");
    assert_eq!(client.post(&message).await.body, "ok");
    assert_eq!(client.get().await.body, message);
    assert_eq!(client.get().await.body, message);
}

#[tokio::test]
async fn two_polls_at_once_end_the_session() {
    let client = echo(SocketIoConfig::default()).await;
    let first = tokio::spawn(http_get(client.addr, client.target()));
    // Either of the two may be second; that one is rejected and ends the session.
    let second = tokio::spawn(http_get(client.addr, client.target()));
    let mut answers = [first.await.unwrap(), second.await.unwrap()];
    answers.sort();
    assert_eq!(answers[0], (200, "1".to_owned()));
    assert_eq!(answers[1].0, 400);
    assert_eq!(client.get().await.status, 400);
}

async fn http_get(addr: std::net::SocketAddr, target: String) -> (u16, String) {
    let reply = support::http(addr, "GET", &target, "", "").await;
    (reply.status, reply.body)
}

#[tokio::test]
async fn two_posts_at_once_end_the_session() {
    let log = Log::default();
    let server = Server::start(SocketIoConfig::default(), |io| log.disconnects(io)).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    let mut unfinished = TcpStream::connect(server.addr).await.unwrap();
    let head = format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n4", client.target());
    unfinished.write_all(head.as_bytes()).await.unwrap();
    // The first POST may arrive after the second, but it remains pending.
    while client.post("3").await.status == 200 {}
    assert_eq!(log.wait_for(1).await, ["transport error"]);
}

#[tokio::test]
async fn a_poll_that_nobody_waits_for_ends_the_session_too() {
    let io = SocketIo::new(SocketIoConfig::default());
    let ask = async |query: &str| {
        let request = Request::get(format!("/socket.io/?EIO=4&transport=polling{query}"));
        io.service().oneshot(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap()
    };
    let opened = ask("").await.into_body().collect().await.unwrap().to_bytes();
    let sid = String::from_utf8_lossy(&opened).split('"').nth(3).unwrap().to_owned();
    let poll = Request::get(format!("/socket.io/?EIO=4&transport=polling&sid={sid}"));
    // This is what hyper does with a request whose connection ends as it arrives.
    drop(io.service().call(poll.body(Empty::<Bytes>::new()).unwrap()));
    assert_eq!(ask(&format!("&sid={sid}")).await.status(), 400);
}

#[tokio::test]
async fn a_poll_that_is_broken_off_ends_the_session() {
    let log = Log::default();
    let server = Server::start(SocketIoConfig::default(), |io| log.disconnects(io)).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    // A poll that is aborted before the HTTP server has read it never counted as one: it took nothing, and the session
    // continues.
    while log.lines().is_empty() {
        let mut poll = TcpStream::connect(server.addr).await.unwrap();
        let head = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", client.target());
        poll.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(poll);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(log.lines(), ["transport close"]);
    assert_eq!(client.get().await.status, 400);
    eventually(|| server.io.stats().connections == 0).await;
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_and_ends_the_session() {
    let log = Log::default();
    let config = SocketIoConfig { max_payload: 1000, ..SocketIoConfig::default() };
    let server = Server::start(config, |io| log.disconnects(io)).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    assert_eq!(client.post(&format!("4{}", "x".repeat(1000))).await.status, 413);
    assert_eq!(log.wait_for(1).await, ["parse error"]);
    assert_eq!(client.get().await.status, 400);
}

#[tokio::test]
async fn malformed_payloads_end_only_their_session() {
    let server =
        Server::start(SocketIoConfig { max_packets_per_payload: 3, ..SocketIoConfig::default() }, |_| {}).await;
    let bystander = Polling::open(server.addr).await;
    for body in ["abc", "", "bA?==", "2", "5", "4", "4x", "42[]", "42{}", "3\x1e3\x1e3\x1e3"] {
        let client = Polling::open(server.addr).await;
        assert_eq!(client.post(body).await.status, 400, "{body:?}");
        assert_eq!(client.get().await.status, 400, "{body:?}");
    }
    bystander.join().await;
}

#[tokio::test]
async fn pings_come_with_the_poll_and_silence_ends_the_session() {
    let config = SocketIoConfig {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_secs(1),
        ..SocketIoConfig::default()
    };
    let log = Log::default();
    let server = Server::start(config, |io| log.disconnects(io)).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    for _ in 0..3 {
        assert_eq!(client.get().await.body, "2");
        assert_eq!(client.post("3").await.body, "ok");
    }
    assert_eq!(client.get().await.body, "2");
    assert_eq!(log.wait_for(1).await, ["ping timeout"]);
}

#[tokio::test]
async fn a_pong_brings_the_next_ping_however_long_it_might_have_taken() {
    let config = SocketIoConfig {
        ping_interval: Duration::from_millis(50),
        ping_timeout: Duration::from_hours(1),
        ..SocketIoConfig::default()
    };
    let server = Server::start(config, |_| {}).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    let pings = async {
        for _ in 0..3 {
            assert_eq!(client.get().await.body, "2");
            assert_eq!(client.post("3").await.body, "ok");
        }
    };
    tokio::time::timeout(Duration::from_secs(20), pings).await.unwrap();
}

#[tokio::test]
async fn the_clients_farewell_releases_its_poll() {
    let log = Log::default();
    let server = Server::start(SocketIoConfig::default(), |io| log.disconnects(io)).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    let (poll, post) = tokio::join!(client.get(), client.post("1"));
    assert_eq!((post.body.as_str(), poll.body.as_str()), ("ok", "6"));
    assert_eq!(log.wait_for(1).await, ["transport close"]);
    assert_eq!(client.get().await.status, 400);
}

#[tokio::test]
async fn whoever_fetches_nothing_is_cut_off() {
    let config = SocketIoConfig { write_deadline: Duration::from_millis(200), ..SocketIoConfig::default() };
    let log = Log::default();
    let server = Server::start(config, |io| log.disconnects(io)).await;
    let client = Polling::open(server.addr).await;
    client.join().await;
    server.only_socket().await.emit("news", &1).unwrap();
    assert_eq!(log.wait_for(1).await, ["write deadline"]);
    let stats = server.io.stats();
    assert_eq!((stats.queued_bytes, stats.cut_offs, stats.connections), (0, 1, 0));
}
