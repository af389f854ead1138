//! The accept loop: bounded, with deadlines and a graceful shutdown.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use anyhow::Context as _;
use axum::body::Body;
use futures_util::FutureExt as _;
use http::{HeaderValue, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use rand::RngExt as _;
use socket2::SockRef;
use superbot_socketio::{PeekedStream, SocketIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::held_body::HeldBody;
use super::lanes;
use super::request_body::{BodyPace, RequestStream};
use crate::admission::{AdmissionBudgets, ClientSlot, ClientSlots, ConnectionClaim, HEAD_BYTES, HttpConnection};
use crate::edge::{ClientNetwork, PeerAddress};
use crate::refusal::RefusalReason;

/// Limits of connections.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    /// Maximum concurrent connections, upgraded ones included; derived from the limit of file descriptors.
    pub max_connections: usize,
    /// Time limit for a request's head.
    pub header_timeout: Duration,
    /// Time limit for a request's body, plus one second per 64 KB.
    pub request_timeout: Duration,
    /// Maximum time that sent data may remain unacknowledged before the kernel closes the connection (`TCP_USER_TIMEOUT`).
    pub write_timeout: Duration,
}

/// Returns the delay for retrying, in seconds; random, so that refused clients do not return at the same time.
fn retry_after_s() -> u16 {
    rand::rng().random_range(3..=9)
}

/// Returns the response to a connection for which there is no room, written without reading a request.
fn full() -> String {
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        retry_after_s()
    )
}

/// Returns the same response for a request that has been read.
fn full_answer() -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(header::RETRY_AFTER, retry_after_s().into());
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// A service for the requests of all connections, usually a router.
pub trait RequestServer:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> RequestServer for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

/// Serves connections until `stop` is cancelled; then accepts no more, and completes requests in progress until `abort` is
/// cancelled. Connections start on `lanes`, where WebSockets of `sockets` remain; other HTTP connections move to the current
/// runtime. `budgets` decides which connections are evicted.
pub async fn serve(
    listener: TcpListener,
    service: impl RequestServer + Sync,
    options: ServeOptions,
    budgets: Arc<AdmissionBudgets>,
    sockets: SocketIo,
    lanes: Vec<Handle>,
    (stop, abort): (CancellationToken, CancellationToken),
) -> anyhow::Result<()> {
    // Accepted sockets inherit these options, which saves two system calls for each.
    let socket = SockRef::from(&listener);
    let _ = socket.set_tcp_nodelay(true);
    let _ = socket.set_tcp_user_timeout(Some(options.write_timeout));
    let connections = TaskTracker::new();
    let first = lanes.first().context("there is no lane")?.clone();
    let door = ConnectionAcceptor {
        service,
        options,
        budgets,
        sockets,
        lanes,
        turns: AtomicUsize::new(0),
        reserve: Arc::new(Semaphore::new(RESERVE)),
        reserve_clients: ClientSlots::new(RESERVE_PER_CLIENT),
        connections: connections.clone(),
        home: Handle::current(),
        stop,
        abort,
    };
    first.spawn(Arc::new(door).accept(listener.into_std()?)).await??;
    connections.close();
    connections.wait().await;
    Ok(())
}

/// Time after `stop` in which an open connection may still send its first request.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Number of connections accepted before other tasks of the thread run.
const AT_ONCE: usize = 8;

/// Concurrent connections beyond the limit, so that health checks distinguish a full server from a dead one.
const RESERVE: usize = 16;
/// Maximum of these per address, except for loopback, where monitoring often runs.
const RESERVE_PER_CLIENT: usize = 4;
/// Maximum duration of each of them.
const RESERVE_TIME: Duration = Duration::from_secs(1);
/// Maximum time before its first byte.
const RESERVE_SILENCE: Duration = Duration::from_millis(100);
/// The only paths they may request.
const RESERVED_PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// State of the accept loop.
struct ConnectionAcceptor<S> {
    service: S,
    options: ServeOptions,
    budgets: Arc<AdmissionBudgets>,
    sockets: SocketIo,
    lanes: Vec<Handle>,
    /// Number of connections so far, for assigning lanes in turn.
    turns: AtomicUsize,
    reserve: Arc<Semaphore>,
    reserve_clients: ClientSlots<IpAddr>,
    connections: TaskTracker,
    /// Runtime for HTTP connections.
    home: Handle,
    stop: CancellationToken,
    abort: CancellationToken,
}

impl<S: RequestServer + Sync> ConnectionAcceptor<S> {
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
                    // When thousands of clients reconnect at once, their old connections should be closed first, as far as
                    // they are on this thread.
                    if let_in.is_multiple_of(AT_ONCE) {
                        tokio::task::yield_now().await;
                    }
                }
                Err(error) => {
                    // Out of file descriptors, or a client that has disconnected already; others are waiting.
                    tracing::warn!(%error, "accepting a connection failed");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        // Connections already in the backlog are served, because a proxy may not retry their requests on another server.
        while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
            self.let_in(stream, peer);
        }
        Ok(())
    }

    fn let_in(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        // Eviction frees a place only after a moment; the reserve of file descriptors covers the difference.
        if self.is_full() && !self.budgets.guests.evict_oldest() {
            self.budgets.refuse(RefusalReason::ServerFull, peer);
            return self.let_into_reserve(stream, peer);
        }
        let arrival = match self.budgets.arrive(peer) {
            Ok(arrival) => arrival,
            // A proxy's health checks come from the proxy's own address.
            Err(RefusalReason::ServerFull) => return self.let_into_reserve(stream, peer),
            Err(_) => {
                let _ = stream.try_write(full().as_bytes());
                return;
            }
        };
        let this = Arc::clone(self);
        let turn = self.turns.fetch_add(1, Relaxed);
        let begins = async move {
            if let Err(error) = this.begin(stream, peer, arrival).await {
                tracing::debug!(%peer, %error, "a connection ended early");
            }
        };
        self.connections.spawn_on(begins, &self.lanes[turn % self.lanes.len()]);
    }

    fn is_full(&self) -> bool {
        self.connections.len() + self.sockets.stats().websocket >= self.options.max_connections
    }

    /// Determines the protocol of a connection, and passes it on accordingly.
    async fn begin(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, arrival: ConnectionClaim) -> io::Result<()> {
        let stream = if self.lanes.len() > 1 { lanes::bring(stream)? } else { stream };
        let evicted = Arc::new(Notify::new());
        if let ConnectionClaim::Client(ticket) = &arrival {
            let evicted = Arc::clone(&evicted);
            ticket.on_eviction(move || evicted.notify_one());
        }
        let mut arrival = Some(arrival);
        // `take` keeps WebSockets on this lane, and returns other connections with the bytes it has read.
        let place = |request: &mut _| self.budgets.place(&mut arrival, peer, request);
        let taken = tokio::select! {
            taken = self.sockets.take(stream, self.options.header_timeout, place) => taken,
            () = self.stop.cancelled().then(|()| tokio::time::sleep(LAST_WORDS)) => return Ok(()),
            () = evicted.notified() => return Ok(()),
        };
        if matches!(&taken, Err(error) if error.kind() == io::ErrorKind::TimedOut) {
            self.budgets.refuse(RefusalReason::Deadline, peer);
        }
        if let Some(stream) = taken? {
            let this = Arc::clone(&self);
            self.connections
                .spawn_on(async move { this.serve_client(stream, peer, arrival, evicted).await }, &self.home);
        }
        Ok(())
    }

    async fn serve_client(
        self: Arc<Self>,
        stream: PeekedStream,
        peer: SocketAddr,
        arrival: Option<ConnectionClaim>,
        evicted: Arc<Notify>,
    ) {
        let Ok(stream) = stream.try_map(lanes::bring) else { return };
        let Ok((visit, _permit)) = HttpConnection::begin(Arc::clone(&self.budgets), arrival, peer, evicted) else {
            return;
        };
        tokio::select! {
            () = self.serve_http(stream, visit.clone(), ConnectionPolicy::Everything) => {}
            () = visit.evicted() => {}
            () = self.abort.cancelled() => {}
        }
    }

    /// Serves a connection beyond the limit, if it is a health check.
    fn let_into_reserve(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let permit = Arc::clone(&self.reserve).try_acquire_owned();
        let (Ok(permit), Ok(slot)) = (permit, reserve_slot(&self.reserve_clients, peer.ip())) else {
            let _ = stream.try_write(full().as_bytes());
            return;
        };
        let this = Arc::clone(self);
        let serves = async move {
            let Ok(stream) = lanes::bring(stream) else { return };
            if !matches!(tokio::time::timeout(RESERVE_SILENCE, stream.readable()).await, Ok(Ok(()))) {
                return this.budgets.refuse(RefusalReason::Deadline, peer);
            }
            let visit = HttpConnection::beyond_limits(Arc::clone(&this.budgets), peer);
            let serving = this.serve_http(stream.into(), visit, ConnectionPolicy::Health);
            let _ = tokio::time::timeout(RESERVE_TIME, serving).await;
            drop((permit, slot));
        };
        self.connections.spawn_on(serves, &self.home);
    }

    /// Serves HTTP requests until the client disconnects or `stop` is cancelled.
    async fn serve_http(&self, stream: PeekedStream, visit: HttpConnection, allowed: ConnectionPolicy) {
        let peer = visit.peer();
        let handler = hyper::service::service_fn(|request: Request<Incoming>| {
            // Called here instead of on the first poll: a request whose connection ends as it arrives is dropped without
            // being polled, and the Socket.IO server has to notice it.
            let under_way = visit.begin_request();
            let answer = self.request(request, &visit, allowed).map(|request| self.service.clone().call(request));
            async move {
                let answer = match answer {
                    Some(answer) => answer.await?,
                    None => full_answer(),
                };
                Ok::<_, Infallible>(answer.map(|body| HeldBody::new(body, under_way)))
            }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.options.header_timeout);
        builder.max_buf_size(HEAD_BYTES).half_close(false);
        let connection = builder.serve_connection(TokioIo::new(stream), handler).with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let is_last = async {
            tokio::select! {
                () = self.stop.cancelled() => {}
                () = visit.retired() => {}
            }
        };
        let ended = tokio::select! {
            // Polled first, so that a request that has arrived is started before graceful shutdown refuses it.
            biased;
            ended = connection.as_mut() => ended,
            () = is_last => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            if error.is_timeout() {
                visit.missed_head();
            }
            tracing::debug!(%peer, %error, "a connection ended early");
        }
    }

    /// Prepares a request for the service; `None` if it must not be served.
    fn request(
        &self,
        request: Request<Incoming>,
        visit: &HttpConnection,
        allowed: ConnectionPolicy,
    ) -> Option<Request<Body>> {
        if allowed == ConnectionPolicy::Health && !RESERVED_PATHS.contains(&request.uri().path()) {
            return None;
        }
        let (mut parts, incoming) = request.into_parts();
        parts.extensions.insert(PeerAddress(visit.peer()));
        let visit = visit.of_request(&parts).ok()?;
        let pace = BodyPace::default();
        let body = RequestStream::new(incoming, pace.clone(), visit.clone(), self.options.request_timeout);
        parts.extensions.insert(visit);
        parts.extensions.insert(pace);
        Some(Request::from_parts(parts, Body::new(body)))
    }
}

/// Returns a place in the reserve for an address; loopback needs none.
fn reserve_slot(clients: &ClientSlots<IpAddr>, peer: IpAddr) -> Result<Option<ClientSlot<IpAddr>>, RefusalReason> {
    if peer.to_canonical().is_loopback() {
        return Ok(None);
    }
    let slot = clients.enter(ClientNetwork::from(peer).into());
    slot.map(Some).ok_or(RefusalReason::AddressConnections)
}

/// Requests permitted on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConnectionPolicy {
    Everything,
    Health,
}

#[cfg(test)]
mod tests;
