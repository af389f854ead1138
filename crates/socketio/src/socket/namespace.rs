//! Namespaces and their handlers.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use parking_lot::{RwLock, RwLockReadGuard, RwLockWriteGuard};
use serde_json::Value;

use super::event::ClientEvent;
use super::extensions::SocketExtensions;
use super::handle::Socket;
use super::refusal::ConnectRefusal;
use super::rooms::RoomTable;
use crate::engine::handshake::Handshake;
use crate::id::SocketId;
use crate::reason::DisconnectReason;

/// A channel within a connection, with its own handlers and rooms.
#[derive(Clone)]
pub struct Namespace(Arc<NamespaceInner>);

/// A client's request to join a namespace.
#[derive(Clone)]
pub struct ConnectRequest {
    pub(crate) auth: Arc<Value>,
    pub(crate) socket: Socket,
}

pub(crate) type ConnectDone = Pin<Box<dyn Future<Output = ()> + Send>>;
pub(crate) type ConnectVerdict = Pin<Box<dyn Future<Output = Result<(), ConnectRefusal>> + Send>>;
type ConnectHook<A> = Arc<dyn Fn(Socket, A) -> ConnectDone + Send + Sync>;

/// Handlers of a namespace; copied on write when a handler is added.
#[derive(Clone, Default)]
pub(crate) struct NamespaceHandlers {
    pub(crate) middleware: Vec<Arc<dyn Fn(ConnectRequest) -> ConnectVerdict + Send + Sync>>,
    pub(crate) connect: Option<Arc<dyn Fn(Socket) -> ConnectDone + Send + Sync>>,
    pub(crate) events: HashMap<String, ConnectHook<ClientEvent>>,
    pub(crate) any: Option<ConnectHook<ClientEvent>>,
    pub(crate) disconnect: Option<ConnectHook<DisconnectReason>>,
}

struct NamespaceInner {
    name: Box<str>,
    rooms: RwLock<RoomTable<Socket>>,
    handlers: RwLock<Arc<NamespaceHandlers>>,
}

impl Namespace {
    pub(crate) fn new(name: &str) -> Namespace {
        Namespace(Arc::new(NamespaceInner { name: name.into(), rooms: RwLock::default(), handlers: RwLock::default() }))
    }

    /// Returns the name, which starts with a slash.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Adds a check that each client must pass before it is connected; the first refusal applies.
    pub fn middleware<F, R>(&self, check: F) -> &Namespace
    where
        F: Fn(ConnectRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), ConnectRefusal>> + Send + 'static,
    {
        self.change(|handlers| handlers.middleware.push(Arc::new(move |request| Box::pin(check(request)))))
    }

    /// Sets the handler that runs when a socket is connected; the socket's events wait until it has finished.
    pub fn on_connect<F, R>(&self, handler: F) -> &Namespace
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.change(|handlers| handlers.connect = Some(Arc::new(move |socket| Box::pin(handler(socket)))))
    }

    /// Sets the handler of an event. The events of one socket are processed sequentially, in order of arrival.
    pub fn on<F, R>(&self, event: &str, handler: F) -> &Namespace
    where
        F: Fn(Socket, ClientEvent) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.change(|handlers| {
            let handler: ConnectHook<ClientEvent> = Arc::new(move |socket, event| Box::pin(handler(socket, event)));
            handlers.events.insert(event.to_owned(), handler);
        })
    }

    /// Sets the handler of events without one of their own.
    pub fn on_any<F, R>(&self, handler: F) -> &Namespace
    where
        F: Fn(Socket, ClientEvent) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.change(|handlers| handlers.any = Some(Arc::new(move |socket, event| Box::pin(handler(socket, event)))))
    }

    /// Sets the handler that runs once when a connected socket was disconnected, after all its other handlers.
    pub fn on_disconnect<F, R>(&self, handler: F) -> &Namespace
    where
        F: Fn(Socket, DisconnectReason) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.change(|handlers| {
            handlers.disconnect = Some(Arc::new(move |socket, reason| Box::pin(handler(socket, reason))));
        })
    }

    /// Returns the connected socket with this id.
    pub fn socket(&self, id: SocketId) -> Option<Socket> {
        self.rooms().socket(id).filter(Socket::is_connected)
    }

    pub(crate) fn rooms(&self) -> RwLockReadGuard<'_, RoomTable<Socket>> {
        self.0.rooms.read()
    }

    pub(crate) fn rooms_mut(&self) -> RwLockWriteGuard<'_, RoomTable<Socket>> {
        self.0.rooms.write()
    }

    pub(crate) fn handlers(&self) -> Arc<NamespaceHandlers> {
        Arc::clone(&self.0.handlers.read())
    }

    fn change(&self, change: impl FnOnce(&mut NamespaceHandlers)) -> &Namespace {
        let mut handlers = self.0.handlers.write();
        // Copy-on-write: running handlers keep the version they started with.
        change(Arc::make_mut(&mut handlers));
        drop(handlers);
        self
    }
}

impl ConnectRequest {
    /// Returns the data that the client sent with its request; `{}` if none.
    pub fn auth(&self) -> &Value {
        &self.auth
    }

    /// Returns the HTTP request that opened the client's session.
    pub fn handshake(&self) -> &Handshake {
        self.socket.handshake()
    }

    /// Returns the data that will be attached to the socket.
    pub fn extensions(&self) -> &SocketExtensions {
        self.socket.extensions()
    }

    /// Accepts the client with restrictions: the limits of [`GuestGate`](crate::GuestGate) continue to apply, and the session
    /// keeps its place in that budget, like one that anyone could open.
    pub fn restrict(&self) {
        self.socket.session().restrict();
    }

    /// Returns the id that the socket will have.
    pub fn socket_id(&self) -> SocketId {
        self.socket.id()
    }

    /// Returns the requested namespace.
    pub fn namespace(&self) -> &Namespace {
        self.socket.namespace()
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Namespace").field(&self.name()).finish()
    }
}

impl fmt::Debug for ConnectRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's data usually contains credentials.
        f.debug_struct("ConnectRequest").field("socket", &self.socket).finish_non_exhaustive()
    }
}
