//! The server as a tower service.

pub(crate) mod direct;
mod origin;
mod request;

use std::convert::Infallible;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body;
use http_body_util::{Either, Full};
use tower::{Layer, Service};

use self::origin::OriginAccess;
use self::request::{RequestTarget, asked_by, is_ours};
use crate::engine::answer::{HttpAnswer, RequestProblem};
use crate::engine::core::EngineCore;
use crate::engine::handshake::Handshake;
use crate::engine::session::SessionEntry;
use crate::engine::{self, EngineIo, TransportKind};
use crate::gate::GateRejection;

/// Body of the server's responses.
pub type ResponseBody = Full<Bytes>;

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;
type BoxError = Box<dyn Error + Send + Sync>;

/// A service that handles every request, whatever its path.
#[derive(Clone, Debug)]
pub struct SocketIoService {
    engine: EngineIo,
}

/// A layer that handles requests to the server's path, and passes others to the inner service.
#[derive(Clone, Debug)]
pub struct SocketIoLayer {
    engine: EngineIo,
}

/// A service wrapped by [`SocketIoLayer`].
#[derive(Clone, Debug)]
pub struct LayeredService<S> {
    engine: EngineIo,
    inner: S,
}

impl EngineIo {
    /// Returns the server as a service that handles every request.
    pub fn service(&self) -> SocketIoService {
        SocketIoService { engine: self.clone() }
    }

    /// Returns the server as a layer that handles requests to [`SocketIoConfig::path`](crate::SocketIoConfig::path).
    pub fn layer(&self) -> SocketIoLayer {
        SocketIoLayer { engine: self.clone() }
    }
}

impl<B> Service<Request<B>> for SocketIoService
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = BoxFuture<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let core = Arc::clone(&self.engine.0);
        let begun = begin(async move { serve(&core, request).await.0 });
        Box::pin(async move { Ok(begun.await) })
    }
}

impl<S> Layer<S> for SocketIoLayer {
    type Service = LayeredService<S>;

    fn layer(&self, inner: S) -> LayeredService<S> {
        LayeredService { engine: self.engine.clone(), inner }
    }
}

impl<S, B, R> Service<Request<B>> for LayeredService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response<Either<ResponseBody, R>>;
    type Error = S::Error;
    type Future = BoxFuture<Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let core = Arc::clone(&self.engine.0);
        if is_ours(&core.config, request.uri().path()) {
            let begun = begin(async move { serve(&core, request).await.0 });
            return Box::pin(async move { Ok(begun.await.map(Either::Left)) });
        }
        let other = self.inner.call(request);
        Box::pin(async move { Ok(other.await?.map(Either::Right)) })
    }
}

/// Polls the future of a request once right away.
///
/// If a request and the end of its connection arrive together, hyper drops the returned future without polling it. Such
/// an aborted poll must end its session, too.
fn begin<T: Send + 'static>(serving: impl Future<Output = T> + Send + 'static) -> BoxFuture<T> {
    let mut serving: BoxFuture<T> = Box::pin(serving);
    match serving.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => Box::pin(std::future::ready(answer)),
        Poll::Pending => serving,
    }
}

/// Handles one request, after checking its origin.
async fn serve<B>(core: &Arc<EngineCore>, request: Request<B>) -> HttpAnswer
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let (parts, body) = request.into_parts();
    let access = OriginAccess::of(&core.config, &parts);
    let mut answer = if access == OriginAccess::Denied {
        refuse(core, &parts, RequestProblem::Forbidden)
    } else if parts.method == Method::OPTIONS {
        origin::preflight(&parts)
    } else {
        match asked_by(core, &parts) {
            Ok(asked) => route(core, asked, parts, body).await.unwrap_or_else(HttpAnswer::problem),
            Err(problem) => refuse(core, &parts, problem),
        }
    };
    // Errors as well: without the headers, browsers hide the reason from the page.
    access.mark(&mut answer);
    answer
}

/// Rejects a request without a valid session, and reports the rejection.
fn refuse(core: &EngineCore, parts: &Parts, problem: RequestProblem) -> HttpAnswer {
    let rejection = match problem {
        RequestProblem::Forbidden => Some(GateRejection::Origin),
        RequestProblem::BadVersion => Some(GateRejection::ProtocolVersion),
        _ => None,
    };
    if let Some(rejection) = rejection {
        core.reject(rejection, core.config.gate.keeper.0.client(parts));
    }
    // Counted but not reported: after a restart, all clients still have old session ids.
    if problem == RequestProblem::UnknownSession {
        core.counters.unknown_sessions.fetch_add(1, Relaxed);
    }
    HttpAnswer::problem(problem)
}

async fn route<B>(
    core: &Arc<EngineCore>,
    asked: RequestTarget,
    parts: Parts,
    body: B,
) -> Result<HttpAnswer, RequestProblem>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    // The client has proved itself: its connection need not be charged to the budget.
    if asked.session.as_ref().is_some_and(|session| !session.guest.is_restricted()) {
        core.config.gate.keeper.0.recognized(&parts);
    }
    match (asked.transport, asked.session, &parts.method) {
        (TransportKind::Polling, None, &Method::GET) => {
            let ticket = core.enter(&parts).map_err(|_| RequestProblem::Unavailable)?;
            let permit = core.admit().ok_or(RequestProblem::Unavailable)?;
            let handshake = Handshake::new(parts, TransportKind::Polling, ticket.client());
            Ok(engine::open(core, SessionEntry { permit, ticket, handshake }))
        }
        (TransportKind::Polling, Some(session), &Method::GET) => Ok(engine::get(session).await),
        (TransportKind::Polling, Some(session), &Method::POST) => Ok(engine::post(session, body).await),
        (TransportKind::WebSocket, session, &Method::GET) => engine::websocket::accept(core, parts, session),
        _ => Err(RequestProblem::BadMethod),
    }
}
