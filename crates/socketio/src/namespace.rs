//! Namespaces: who may join them and what happens there.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;

use crate::ack::Event;
use crate::broadcast::Broadcast;
use crate::engine::handshake::Handshake;
use crate::extensions::Extensions;
use crate::id::SocketId;
use crate::reason::DisconnectReason;
use crate::rooms::Rooms;
use crate::socket::Socket;

/// A named channel of a connection, with its own handlers and rooms.
#[derive(Clone)]
pub struct Namespace(Arc<Inner>);

/// A client asks to join a namespace.
#[derive(Clone)]
pub struct ConnectRequest {
    pub(crate) auth: Arc<Value>,
    pub(crate) socket: Socket,
}

/// The answer to a client that may not join.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What went wrong; the `message` of the client's `connect_error`.
    pub message: String,
    /// More about it; its `data`.
    pub data: Option<Value>,
    /// Whether the server also closes the connection.
    pub close: bool,
    /// Whether the client is told nothing at all.
    pub silent: bool,
}

pub(crate) type Done = Pin<Box<dyn Future<Output = ()> + Send>>;
pub(crate) type Verdict = Pin<Box<dyn Future<Output = Result<(), Refusal>> + Send>>;
type Hook<A> = Arc<dyn Fn(Socket, A) -> Done + Send + Sync>;

/// What a namespace does; replaced as a whole when a handler is added.
#[derive(Clone, Default)]
pub(crate) struct Handlers {
    pub(crate) middleware: Vec<Arc<dyn Fn(ConnectRequest) -> Verdict + Send + Sync>>,
    pub(crate) connect: Option<Arc<dyn Fn(Socket) -> Done + Send + Sync>>,
    pub(crate) events: HashMap<String, Hook<Event>>,
    pub(crate) any: Option<Hook<Event>>,
    pub(crate) disconnect: Option<Hook<DisconnectReason>>,
}

struct Inner {
    name: Box<str>,
    rooms: RwLock<Rooms>,
    handlers: RwLock<Arc<Handlers>>,
}

impl Namespace {
    pub(crate) fn new(name: &str) -> Namespace {
        Namespace(Arc::new(Inner { name: name.into(), rooms: RwLock::default(), handlers: RwLock::default() }))
    }

    /// The name, beginning with a slash.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Adds a check that every client passes before it is connected; the first refusal counts.
    pub fn middleware<F, R>(&self, check: F) -> &Namespace
    where
        F: Fn(ConnectRequest) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), Refusal>> + Send + 'static,
    {
        self.change(|handlers| handlers.middleware.push(Arc::new(move |request| Box::pin(check(request)))))
    }

    /// Sets what happens first when a socket is connected; its events wait until that is done.
    pub fn on_connect<F, R>(&self, handler: F) -> &Namespace
    where
        F: Fn(Socket) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.change(|handlers| handlers.connect = Some(Arc::new(move |socket| Box::pin(handler(socket)))))
    }

    /// Sets what happens on an event. The events of one socket are handled in the order of
    /// arrival, one after the other.
    pub fn on<F, R>(&self, event: &str, handler: F) -> &Namespace
    where
        F: Fn(Socket, Event) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.change(|handlers| {
            let handler: Hook<Event> = Arc::new(move |socket, event| Box::pin(handler(socket, event)));
            handlers.events.insert(event.to_owned(), handler);
        })
    }

    /// Sets what happens on events that have no handler of their own.
    pub fn on_any<F, R>(&self, handler: F) -> &Namespace
    where
        F: Fn(Socket, Event) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.change(|handlers| handlers.any = Some(Arc::new(move |socket, event| Box::pin(handler(socket, event)))))
    }

    /// Sets what happens once, and last, when a socket that was connected is so no longer.
    pub fn on_disconnect<F, R>(&self, handler: F) -> &Namespace
    where
        F: Fn(Socket, DisconnectReason) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        self.change(|handlers| {
            handlers.disconnect = Some(Arc::new(move |socket, reason| Box::pin(handler(socket, reason))));
        })
    }

    /// Everyone in the namespace.
    pub fn broadcast(&self) -> Broadcast {
        Broadcast::new(self.clone())
    }

    /// The members of a room; a socket's id is a room of its own.
    pub fn to(&self, room: impl Into<String>) -> Broadcast {
        self.broadcast().to(room)
    }

    /// Everyone but the members of a room.
    pub fn except(&self, room: impl Into<String>) -> Broadcast {
        self.broadcast().except(room)
    }

    /// The socket with that id, when it is connected.
    pub fn socket(&self, id: SocketId) -> Option<Socket> {
        self.rooms().socket(id).filter(Socket::is_connected)
    }

    /// The sockets in a room.
    pub fn sockets_in(&self, room: &str) -> Vec<Socket> {
        self.to(room).sockets()
    }

    pub(crate) fn rooms(&self) -> RwLockReadGuard<'_, Rooms> {
        self.0.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rooms_mut(&self) -> RwLockWriteGuard<'_, Rooms> {
        self.0.rooms.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn handlers(&self) -> Arc<Handlers> {
        Arc::clone(&self.0.handlers.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut Handlers)) -> &Namespace {
        let mut handlers = self.0.handlers.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut handlers));
        drop(handlers);
        self
    }
}

impl ConnectRequest {
    /// What the client sent along; `{}` when it sent nothing.
    pub fn auth(&self) -> &Value {
        &self.auth
    }

    /// The HTTP request the client's session began with.
    pub fn handshake(&self) -> &Handshake {
        self.socket.handshake()
    }

    /// Typed data that will be the socket's.
    pub fn extensions(&self) -> &Extensions {
        self.socket.extensions()
    }

    /// Lets the client in only as a guest: it keeps the limits of [`Gate`](crate::Gate) and its place in that budget, as one that
    /// anybody could open.
    pub fn restrict(&self) {
        self.socket.session().restrict();
    }

    /// The id the socket will have.
    pub fn socket_id(&self) -> SocketId {
        self.socket.id()
    }

    /// The namespace the client asks for.
    pub fn namespace(&self) -> &Namespace {
        self.socket.namespace()
    }
}

impl Refusal {
    /// A refusal that leaves the connection open.
    pub fn new(message: impl Into<String>) -> Refusal {
        Refusal { message: message.into(), data: None, close: false, silent: false }
    }

    /// Closes the connection and says nothing, because of something that will pass: official clients come back by themselves
    /// then, which they do not after a refusal.
    pub fn for_now() -> Refusal {
        Refusal { silent: true, ..Refusal::new("") }.and_close()
    }

    /// Adds data for the client's program.
    #[must_use]
    pub fn with_data(self, data: Value) -> Refusal {
        Refusal { data: Some(data), ..self }
    }

    /// Makes the server close the connection too.
    #[must_use]
    pub fn and_close(self) -> Refusal {
        Refusal { close: true, ..self }
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Namespace").field(&self.name()).finish()
    }
}

impl fmt::Debug for ConnectRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What the client sent along is a credential as a rule.
        f.debug_struct("ConnectRequest").field("socket", &self.socket).finish_non_exhaustive()
    }
}
