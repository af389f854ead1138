//! Origin checks.

use std::net::IpAddr;
use std::sync::Arc;

use superbot_socketio::{AllowedOriginList, GateRejection, Gatekeeper, GuestGate, SharedGatekeeper, SocketIoConfig};

use crate::support::{Log, Polling, Server, http};

const WEBSOCKET: &str =
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n";

#[tokio::test]
async fn foreign_pages_are_refused_on_every_transport_before_a_session_exists() {
    let server = Server::start(SocketIoConfig::default(), |_| {}).await;
    let client = Polling::open(server.addr).await;
    let evil = "Origin: https://evil.example\r\n";
    let websocket = "/socket.io/?EIO=4&transport=websocket";
    for (method, target, headers) in [
        ("GET", Polling::OPEN, evil.to_owned()),
        ("GET", websocket, format!("{evil}{WEBSOCKET}")),
        ("POST", &client.target(), evil.to_owned()),
        ("OPTIONS", Polling::OPEN, evil.to_owned()),
    ] {
        let reply = http(server.addr, method, target, &headers, "").await;
        assert_eq!(reply.status, 403, "{method} {target}");
        assert_eq!(reply.body, "{\"code\":4,\"message\":\"Forbidden\"}");
        assert!(!reply.head.contains("access-control-allow-origin"));
    }
    assert_eq!(server.io.stats().sessions_opened, 1);
    let own = format!("Origin: http://{}\r\n", server.addr);
    assert_eq!(http(server.addr, "GET", Polling::OPEN, &own, "").await.status, 200);
    client.join().await;
}

#[tokio::test]
async fn listed_pages_are_let_in_with_cookies() {
    let origins = AllowedOriginList::List(vec!["https://friend.example".to_owned()]);
    let server = Server::start(SocketIoConfig { origins, ..SocketIoConfig::default() }, |_| {}).await;
    let friend = "Origin: https://friend.example\r\n";
    let reply = http(server.addr, "GET", Polling::OPEN, friend, "").await;
    assert_eq!(reply.status, 200);
    for header in [
        "access-control-allow-origin: https://friend.example",
        "access-control-allow-credentials: true",
        "vary: origin",
    ] {
        assert!(reply.head.contains(header), "{}", reply.head);
    }
    // Scripts of this origin may send a bearer token.
    let ask = format!("{friend}Access-Control-Request-Headers: authorization\r\n");
    let reply = http(server.addr, "OPTIONS", Polling::OPEN, &ask, "").await;
    assert_eq!(reply.status, 204);
    assert!(reply.head.contains("access-control-allow-methods: get, post"), "{}", reply.head);
    assert!(reply.head.contains("access-control-allow-headers: authorization"), "{}", reply.head);
    assert_eq!(http(server.addr, "GET", Polling::OPEN, "Origin: https://evil.example\r\n", "").await.status, 403);
}

/// Records rejections.
struct Observer(Log);

impl Gatekeeper for Observer {
    fn rejected(&self, rejection: GateRejection, _: Option<IpAddr>) {
        self.0.note(format!("{rejection:?}"));
    }
}

#[tokio::test]
async fn every_rejected_request_is_reported() {
    let log = Log::default();
    let gate = GuestGate { keeper: SharedGatekeeper(Arc::new(Observer(log.clone()))), ..GuestGate::default() };
    let server = Server::start(SocketIoConfig { gate, ..SocketIoConfig::default() }, |_| {}).await;
    let evil = "Origin: https://evil.example\r\n";
    http(server.addr, "GET", Polling::OPEN, evil, "").await;
    http(server.addr, "OPTIONS", Polling::OPEN, evil, "").await;
    let old = "/socket.io/?EIO=3&transport=websocket";
    http(server.addr, "GET", old, WEBSOCKET, "").await;
    // The origin is checked first, whatever the protocol version.
    http(server.addr, "GET", old, &format!("{evil}{WEBSOCKET}"), "").await;
    Polling::open(server.addr).await.join().await;
    assert_eq!(log.lines(), ["Origin", "Origin", "ProtocolVersion", "Origin"]);
}

#[tokio::test]
async fn any_page_may_be_let_in_without_cookies() {
    let server =
        Server::start(SocketIoConfig { origins: AllowedOriginList::Any, ..SocketIoConfig::default() }, |_| {}).await;
    let reply = http(server.addr, "GET", Polling::OPEN, "Origin: https://any.example\r\n", "").await;
    assert_eq!(reply.status, 200);
    assert!(reply.head.contains("access-control-allow-origin: https://any.example"));
    assert!(!reply.head.contains("credentials"));
}
