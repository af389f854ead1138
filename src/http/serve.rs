//! The accept loop: bounded, with deadlines, and a graceful end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};
use std::time::Duration;

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use futures_util::FutureExt as _;
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use rand::RngExt as _;
use socket2::SockRef;
use superbot_socketio::{Rewound, SocketIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::lanes;
use crate::edge::PeerAddress;

/// How connections are served.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Plain HTTP connections at once; upgraded ones are counted by the Socket.IO server.
    pub max_connections: usize,
    /// Connections at once of both kinds: there are descriptors for no more.
    pub max_with_upgraded: usize,
    /// How long a client may take to send a request's head.
    pub header_timeout: Duration,
    /// How long a client may leave what it was sent unacknowledged, before the kernel hangs up.
    pub write_timeout: Duration,
}

/// What a client gets when there is no room: it is told to come back, and not when all others do.
fn full() -> String {
    let wait_s = rand::rng().random_range(3..=9);
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: {wait_s}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

/// What serves the requests of all connections: a router, as a rule.
pub trait Serves:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Serves for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

/// Serves connections until told to stop; then no new ones, and those there are finish what
/// they are at, until `abort` is cancelled. They begin on `lanes`, where the WebSockets of `sockets` stay; for HTTP they come
/// to the runtime that this runs on.
pub async fn serve(
    listener: TcpListener,
    service: impl Serves + Sync,
    options: Options,
    sockets: SocketIo,
    lanes: Vec<Handle>,
    (stop, abort): (CancellationToken, CancellationToken),
) -> anyhow::Result<()> {
    // Connections have them from their listener, which saves each two calls.
    let socket = SockRef::from(&listener);
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_user_timeout(Some(options.write_timeout));
    let connections = TaskTracker::new();
    let first = lanes.first().context("there is no lane")?.clone();
    let (room, home) = (Arc::new(Semaphore::new(options.max_connections)), Handle::current());
    let turns = AtomicUsize::new(0);
    let door =
        Door { service, options, sockets, lanes, turns, room, connections: connections.clone(), home, stop, abort };
    first.spawn(Arc::new(door).accept(listener.into_std()?)).await??;
    connections.close();
    connections.wait().await;
    Ok(())
}

/// A connection that was there when the server was told to stop has this long to say what it came for.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// So many are let in before what else has come is looked at.
const AT_ONCE: usize = 8;

/// What is needed to let connections in.
struct Door<S> {
    service: S,
    options: Options,
    sockets: SocketIo,
    lanes: Vec<Handle>,
    /// How many connections there were.
    turns: AtomicUsize,
    /// Places for plain HTTP connections; each has one while it is not known what it is.
    room: Arc<Semaphore>,
    connections: TaskTracker,
    /// Where HTTP is served.
    home: Handle,
    stop: CancellationToken,
    abort: CancellationToken,
}

impl<S: Serves + Sync> Door<S> {
    async fn accept(self: Arc<Self>, listener: std::net::TcpListener) -> io::Result<()> {
        let listener = TcpListener::from_std(listener)?;
        let mut let_in = 0_usize;
        loop {
            let accepted = tokio::select! {
                () = self.stop.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    self.let_in(stream, peer);
                    let_in += 1;
                    // Thousands that were cut off come back at once: the connections that they leave are to be gone first, as
                    // far as they are on this thread.
                    if let_in.is_multiple_of(AT_ONCE) {
                        tokio::task::yield_now().await;
                    }
                }
                Err(error) => {
                    // Out of descriptors, or a client that was gone already: others still wait.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        // Who came before the listener is closed is served, as a proxy may not send the same request to another server.
        while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
            self.let_in(stream, peer);
        }
        Ok(())
    }

    fn let_in(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let permit = Arc::clone(&self.room).try_acquire_owned().ok();
        let http = self.options.max_connections - self.room.available_permits();
        let websockets = self.sockets.stats().websocket;
        let Some(permit) = permit.filter(|_| http + websockets <= self.options.max_with_upgraded) else {
            let _ = stream.try_write(full().as_bytes());
            return;
        };
        let (this, turn) = (Arc::clone(self), self.turns.fetch_add(1, Relaxed));
        let begins = async move {
            if let Err(error) = this.begin(stream, peer, permit).await {
                tracing::debug!(%peer, %error, "a connection ended early");
            }
        };
        self.connections.spawn_on(begins, &self.lanes[turn % self.lanes.len()]);
    }

    /// Finds out what a connection is for, and sees to it that it gets it.
    async fn begin(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        permit: OwnedSemaphorePermit,
    ) -> io::Result<()> {
        let stream = if self.lanes.len() > 1 { lanes::bring(stream)? } else { stream };
        let taken = tokio::select! {
            taken = self.sockets.take(stream, self.options.header_timeout) => taken?,
            () = self.stop.cancelled().then(|()| tokio::time::sleep(LAST_WORDS)) => return Ok(()),
        };
        if let Some(stream) = taken {
            let this = Arc::clone(&self);
            self.connections.spawn_on(async move { this.serve_http(stream, peer, permit).await }, &self.home);
        }
        Ok(())
    }

    async fn serve_http(self: Arc<Self>, stream: Rewound, peer: SocketAddr, _permit: OwnedSemaphorePermit) {
        let Ok(stream) = stream.try_map(lanes::bring) else { return };
        let header_timeout = self.options.header_timeout;
        let http = serve_http(stream, PeerAddress(peer), self.service.clone(), header_timeout, self.stop.clone());
        tokio::select! {
            ended = http => if let Err(error) = ended {
                tracing::debug!(%peer, %error, "a connection ended early");
            },
            () = self.abort.cancelled() => {}
        }
    }
}

/// Serves HTTP requests until the client or `stop` ends it.
async fn serve_http(
    stream: Rewound,
    peer: PeerAddress,
    service: impl Serves,
    header_timeout: Duration,
    stop: CancellationToken,
) -> hyper::Result<()> {
    let handler = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(|body| Body::new(Lingering(Some(body))));
        request.extensions_mut().insert(peer);
        // Called here and now, not when it is first polled: a request whose connection ends as it arrives is
        // dropped before that, and the Socket.IO server is to hear of it.
        service.clone().call(request)
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(header_timeout).max_buf_size(64 << 10).half_close(false);
    let connection = builder.serve_connection(TokioIo::new(stream), handler).with_upgrades();
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        // First, so that a request that has come is begun before the connection is told to take no more.
        biased;
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    }
}

/// A request's body that is read to its end, within bounds, where its handler did not.
///
/// Closing a connection while its client still sends destroys the answer on its way: the client
/// would see a broken connection in place of the reason why it was refused.
struct Lingering(Option<Incoming>);

const LINGER_BYTES: usize = 64 << 20;
const LINGER_TIME: Duration = Duration::from_secs(10);

impl Drop for Lingering {
    fn drop(&mut self) {
        let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        let mut rest = Limited::new(body, LINGER_BYTES);
        // It ends with its connection.
        tokio::spawn(tokio::time::timeout(LINGER_TIME, async move { while let Some(Ok(_)) = rest.frame().await {} }));
    }
}

impl http_body::Body for Lingering {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        match &mut self.0 {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(Incoming::size_hint).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use superbot_socketio::Config;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const OPTIONS: Options = Options {
        max_connections: 100,
        max_with_upgraded: 100,
        header_timeout: Duration::from_secs(10),
        write_timeout: Duration::from_secs(10),
    };
    const WEBSOCKET: &str = "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: superbot\r\n\
        Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    /// A connection that was asked for something, and how its answer begins.
    async fn ask(address: SocketAddr, request: &str) -> (TcpStream, String) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut begins = [0; 12];
        stream.read_exact(&mut begins).await.unwrap();
        (stream, String::from_utf8_lossy(&begins).into_owned())
    }

    #[tokio::test]
    async fn connections_of_both_kinds_are_served_on_every_lane() {
        const LANES: usize = 3;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = tower::service_fn(|_| async { Ok(Response::new(Body::from("hi"))) });
        let sockets = SocketIo::new(Config::default());
        let lanes = lanes::Lanes::start(NonZeroUsize::new(LANES).unwrap()).unwrap();
        let handles = lanes.handles().to_vec();
        let (stop, abort) = (CancellationToken::new(), CancellationToken::new());
        let stops = (stop.clone(), abort.clone());
        let serving = serve(listener, service, OPTIONS, sockets.clone(), handles, stops);
        let serving = tokio::spawn(serving);
        let mut connections = Vec::new();
        for (request, answer) in [("GET / HTTP/1.1\r\nHost: superbot\r\n\r\n", "200"), (WEBSOCKET, "101")] {
            for _ in 0..2 * LANES {
                let (connection, begins) = ask(address, request).await;
                assert_eq!(begins, format!("HTTP/1.1 {answer}"));
                connections.push(connection);
            }
        }
        assert_eq!(sockets.stats().websocket, 2 * LANES);
        stop.cancel();
        sockets.drain(Duration::from_secs(10)).await;
        serving.await.unwrap().unwrap();
    }
}
