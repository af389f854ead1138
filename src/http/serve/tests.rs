use std::num::NonZeroUsize;

use superbot_socketio::SocketIoConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::admission::{ClientLimits, ConnectionCapacity};
use crate::edge::ProxyPolicy;
use crate::metrics::Metrics;
use crate::refusal::RefusalLog;

const OPTIONS: ServeOptions = ServeOptions {
    max_connections: 100,
    header_timeout: Duration::from_secs(10),
    request_timeout: Duration::from_secs(10),
    write_timeout: Duration::from_secs(10),
};
const GREETING: &str = "GET / HTTP/1.1\r\nHost: superbot\r\n\r\n";
const WEBSOCKET: &str = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: superbot\r\n\
    Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// Sends a request on a new connection, and returns it with the first 12 bytes of the response.
async fn ask(address: SocketAddr, request: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut begins = [0; 12];
    stream.read_exact(&mut begins).await.unwrap();
    (stream, String::from_utf8_lossy(&begins).into_owned())
}

/// A server whose service responds with a greeting to every request.
struct Greeter {
    address: SocketAddr,
    sockets: SocketIo,
    stop: CancellationToken,
    serving: tokio::task::JoinHandle<anyhow::Result<()>>,
    _lanes: lanes::IoThreads,
}

impl Greeter {
    async fn start(options: ServeOptions, lanes: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = tower::service_fn(|_| async { Ok(Response::new(Body::from("hi"))) });
        let sockets = SocketIo::new(SocketIoConfig::default());
        let lanes = lanes::IoThreads::start(NonZeroUsize::new(lanes).unwrap()).unwrap();
        let capacity =
            ConnectionCapacity { http: 100, sockets: 100, guests: 100, descriptors: options.max_connections };
        let edge = Arc::new(ProxyPolicy::new(None, Vec::new()));
        let refusals = RefusalLog::new(Arc::new(Metrics::default()));
        let budgets = AdmissionBudgets::new(capacity, ClientLimits::default(), edge, refusals);
        let stop = CancellationToken::new();
        let stops = (stop.clone(), CancellationToken::new());
        let handles = lanes.handles().to_vec();
        let serving = tokio::spawn(serve(listener, service, options, budgets, sockets.clone(), handles, stops));
        Self { address, sockets, stop, serving, _lanes: lanes }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.sockets.drain(Duration::from_secs(10)).await;
        self.serving.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn connections_of_both_kinds_are_served_on_every_lane() {
    const LANES: usize = 3;
    let server = Greeter::start(OPTIONS, LANES).await;
    let mut connections = Vec::new();
    for (request, answer) in [(GREETING, "200"), (WEBSOCKET, "101")] {
        for _ in 0..2 * LANES {
            let (connection, begins) = ask(server.address, request).await;
            assert_eq!(begins, format!("HTTP/1.1 {answer}"));
            connections.push(connection);
        }
    }
    assert_eq!(server.sockets.stats().websocket, 2 * LANES);
    server.stop().await;
}

#[test]
fn one_address_holds_few_of_the_reserved_places() {
    let clients = ClientSlots::new(RESERVE_PER_CLIENT);
    let enter = |address: &str| reserve_slot(&clients, address.parse().unwrap());
    let _held: Vec<_> = (0..RESERVE_PER_CLIENT).map(|_| enter("203.0.113.1").unwrap()).collect();
    assert!(enter("203.0.113.1").is_err());
    assert!(enter("203.0.113.2").is_ok_and(|slot| slot.is_some()));
    for loopback in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
        assert!(enter(loopback).is_ok_and(|slot| slot.is_none()), "{loopback}");
    }
}

#[tokio::test]
async fn silent_connections_leave_the_reserved_places_soon() {
    let (server, _clients) = full_server().await;
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    slow.write_all(b"GET /heal").await.unwrap();
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    tokio::select! {
        biased;
        read = slow.read_u8() => panic!("one that says something is closed first: {read:?}"),
        read = silent.read_u8() => assert!(read.is_err(), "{read:?}"),
    }
    drop(slow);
    server.stop().await;
}

/// Starts a server at its limit of connections, and the clients that occupy it.
async fn full_server() -> (Greeter, Vec<TcpStream>) {
    let server = Greeter::start(ServeOptions { max_connections: 2, ..OPTIONS }, 1).await;
    let mut clients = Vec::new();
    for _ in 0..2 {
        let (mut client, _) = ask(server.address, WEBSOCKET).await;
        // CONNECT in a frame masked with zeros: a session that has joined is not evicted for a newcomer.
        client.write_all(&[0x81, 0x82, 0, 0, 0, 0, b'4', b'0']).await.unwrap();
        clients.push(client);
    }
    while server.sockets.stats().sockets < 2 {
        tokio::task::yield_now().await;
    }
    (server, clients)
}

#[tokio::test]
async fn a_full_server_still_says_how_it_is() {
    let (server, _clients) = full_server().await;
    for (path, answer) in
        [("/healthz", "200"), ("/readyz", "200"), ("/metrics", "200"), ("/", "503"), ("/api/auth/me", "503")]
    {
        let (_, begins) = ask(server.address, &GREETING.replace("/ HTTP", &format!("{path} HTTP"))).await;
        assert_eq!(begins, format!("HTTP/1.1 {answer}"), "{path}");
    }
    let (_, begins) = ask(server.address, WEBSOCKET).await;
    assert_eq!(begins, "HTTP/1.1 503");
    server.stop().await;
}
