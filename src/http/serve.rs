//! The accept loop: bounded, with deadlines, and a graceful end.

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

/// How connections are served.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    /// Connections at once, upgraded ones included: there are descriptors for no more.
    pub max_connections: usize,
    /// How long a client may take to send a request's head.
    pub header_timeout: Duration,
    /// How long a client may take to send a request's body, besides one second for every 64 KB.
    pub request_timeout: Duration,
    /// How long a client may leave what it was sent unacknowledged, before the kernel hangs up.
    pub write_timeout: Duration,
}

/// Seconds after which a client that was refused is to come back: not when all others do.
fn retry_after_s() -> u16 {
    rand::rng().random_range(3..=9)
}

/// What a client gets when there is no room.
fn full() -> String {
    format!(
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        retry_after_s()
    )
}

/// The same as an answer to a request.
fn full_answer() -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    answer.headers_mut().insert(header::RETRY_AFTER, retry_after_s().into());
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// What serves the requests of all connections: a router, as a rule.
pub trait RequestServer:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> RequestServer for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

/// Serves connections until told to stop; then no new ones, and those there are finish what
/// they are at, until `abort` is cancelled. They begin on `lanes`, where the WebSockets of `sockets` stay; for HTTP they come
/// to the runtime that this runs on. `budgets` decides which connections make room for others.
pub async fn serve(
    listener: TcpListener,
    service: impl RequestServer + Sync,
    options: ServeOptions,
    budgets: Arc<AdmissionBudgets>,
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

/// A connection that was there when the server was told to stop has this long to say what it came for.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// So many are let in before what else has come is looked at.
const AT_ONCE: usize = 8;

/// Connections beyond the limit at once, so that whoever supervises a full server learns that it is alive.
const RESERVE: usize = 16;
/// The most of them of one address, except those of this machine, where monitoring often runs.
const RESERVE_PER_CLIENT: usize = 4;
/// How long each of them may last, ...
const RESERVE_TIME: Duration = Duration::from_secs(1);
/// ... and how long before its first byte has come.
const RESERVE_SILENCE: Duration = Duration::from_millis(100);
/// What they may be for.
const RESERVED_PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// What is needed to let connections in.
struct ConnectionAcceptor<S> {
    service: S,
    options: ServeOptions,
    budgets: Arc<AdmissionBudgets>,
    sockets: SocketIo,
    lanes: Vec<Handle>,
    /// How many connections there were.
    turns: AtomicUsize,
    reserve: Arc<Semaphore>,
    reserve_clients: ClientSlots<IpAddr>,
    connections: TaskTracker,
    /// Where HTTP is served.
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
        // The place of an evicted guest becomes free in a moment; until then there are descriptors to spare.
        if self.is_full() && !self.budgets.guests.evict_oldest() {
            self.budgets.refuse(RefusalReason::ServerFull, peer);
            return self.let_into_reserve(stream, peer);
        }
        let arrival = match self.budgets.arrive(peer) {
            Ok(arrival) => arrival,
            // A proxy's health checks come from the proxy itself.
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

    /// Finds out what a connection is for, and sees to it that it gets it.
    async fn begin(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, arrival: ConnectionClaim) -> io::Result<()> {
        let stream = if self.lanes.len() > 1 { lanes::bring(stream)? } else { stream };
        let evicted = Arc::new(Notify::new());
        if let ConnectionClaim::Client(ticket) = &arrival {
            let evicted = Arc::clone(&evicted);
            ticket.on_eviction(move || evicted.notify_one());
        }
        let mut arrival = Some(arrival);
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

    /// Serves a connection for which there is no room, if it only asks how the server is.
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

    /// Serves HTTP requests until the client or `stop` ends it.
    async fn serve_http(&self, stream: PeekedStream, visit: HttpConnection, allowed: ConnectionPolicy) {
        let peer = visit.peer();
        let handler = hyper::service::service_fn(|request: Request<Incoming>| {
            // Called here and now, not when it is first polled: a request whose connection ends as it arrives is
            // dropped before that, and the Socket.IO server is to hear of it.
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
            // First, so that a request that has come is begun before the connection is told to take no more.
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

    /// A request as the service gets it; `None` where it is not served.
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

/// A place among the reserved ones of an address; none is needed for one of this machine.
fn reserve_slot(clients: &ClientSlots<IpAddr>, peer: IpAddr) -> Result<Option<ClientSlot<IpAddr>>, RefusalReason> {
    if peer.to_canonical().is_loopback() {
        return Ok(None);
    }
    let slot = clients.enter(ClientNetwork::from(peer).into());
    slot.map(Some).ok_or(RefusalReason::AddressConnections)
}

/// What a connection may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ConnectionPolicy {
    Everything,
    /// [`RESERVED_PATHS`].
    Health,
}

#[cfg(test)]
mod tests;
