//! The accept loop: bounded, with deadlines, and a graceful end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

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
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

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
/// they are at, until `abort` is cancelled. `sockets` is given the connections that begin as a WebSocket of theirs.
pub async fn serve(
    listener: TcpListener,
    service: impl Serves,
    options: Options,
    sockets: Option<SocketIo>,
    stop: CancellationToken,
    abort: CancellationToken,
) -> anyhow::Result<()> {
    // Connections have them from their listener, which saves each two calls.
    let socket = SockRef::from(&listener);
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_user_timeout(Some(options.write_timeout));
    let room = Arc::new(Semaphore::new(options.max_connections));
    let connections = TaskTracker::new();
    let begin = |stream: TcpStream, peer| {
        let permit = Arc::clone(&room).try_acquire_owned().ok();
        let http = options.max_connections - room.available_permits();
        let websockets = sockets.as_ref().map_or(0, |sockets| sockets.stats().websocket);
        let Some(permit) = permit.filter(|_| http + websockets <= options.max_with_upgraded) else {
            let _ = stream.try_write(full().as_bytes());
            return;
        };
        let connection = Connection { stream, peer, permit, options, sockets: sockets.clone(), stop: stop.clone() };
        let (service, abort) = (service.clone(), abort.clone());
        connections.spawn(async move {
            tokio::select! {
                () = connection.serve(service) => {}
                () = abort.cancelled() => {}
            }
        });
    };
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => begin(stream, peer),
            Err(error) => {
                // Out of descriptors, or a client that was gone already: others still wait.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    // Who came before the listener is closed is served, as a proxy may not send the same request to another server.
    while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
        begin(stream, peer);
    }
    drop(listener);
    connections.close();
    connections.wait().await;
    Ok(())
}

/// A connection that was there when the server was told to stop has this long to say what it came for.
const LAST_WORDS: Duration = Duration::from_millis(200);

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    permit: OwnedSemaphorePermit,
    options: Options,
    sockets: Option<SocketIo>,
    stop: CancellationToken,
}

impl Connection {
    async fn serve(self, service: impl Serves) {
        let _permit = self.permit;
        let peer = PeerAddress(self.peer);
        let stream = match self.sockets {
            None => self.stream.into(),
            Some(sockets) => {
                let taken = tokio::select! {
                    taken = sockets.take(self.stream, self.options.header_timeout) => taken,
                    () = self.stop.cancelled().then(|()| tokio::time::sleep(LAST_WORDS)) => return,
                };
                match taken {
                    Ok(Some(stream)) => stream,
                    Ok(None) => return,
                    Err(error) => return tracing::debug!(peer = %self.peer, %error, "a connection ended early"),
                }
            }
        };
        let http = serve_http(stream, peer, service, self.options.header_timeout, self.stop);
        // On the heap: most connections never get here.
        if let Err(error) = Box::pin(http).await {
            tracing::debug!(peer = %self.peer, %error, "a connection ended early");
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
