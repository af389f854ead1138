#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod ack;
mod admission;
mod broadcast;
mod client;
mod config;
mod decode;
pub mod engine;
mod extensions;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod id;
mod namespace;
mod packet;
mod query;
mod reason;
mod rooms;
mod runner;
mod service;
mod socket;
mod stats;

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

pub use self::ack::{Ack, AckError, Event};
pub use self::admission::{Admission, AdmissionLimits, Client as AdmissionClient, Overrun, Ticket};
pub use self::broadcast::{Broadcast, Delivery};
pub use self::config::{Config, Origins};
pub use self::engine::handshake::Handshake;
pub use self::engine::{Rewound, Transport};
pub use self::extensions::Extensions;
pub use self::gate::{Gate, Gatekeeper, GuestTicket, Keeper, Rejection};
pub use self::id::SocketId;
pub use self::namespace::{ConnectRequest, Namespace, Refusal};
pub use self::packet::{Args, EncodeError, Packet, placeholder};
pub use self::reason::DisconnectReason;
pub use self::rooms::JoinError;
pub use self::service::{Layered, ResponseBody, SocketIoLayer, SocketIoService};
pub use self::socket::{SendError, Socket};
pub use self::stats::Stats;

use http::request::Parts;
use tokio::net::TcpStream;

use self::client::Client;
use self::engine::{EngineIo, Handler, Peer, Session};

/// A Socket.IO server; clones are handles to the same server.
#[derive(Clone)]
pub struct SocketIo {
    engine: EngineIo,
    hub: Arc<Hub>,
}

/// The namespaces there are.
#[derive(Default)]
pub(crate) struct Hub {
    namespaces: RwLock<HashMap<String, Namespace>>,
}

impl SocketIo {
    /// A server with the main namespace, `/`; [`Self::of`] makes others.
    pub fn new(config: Config) -> SocketIo {
        let hub = Arc::new(Hub::default());
        let io = SocketIo { engine: EngineIo::new(config, Arc::clone(&hub)), hub };
        io.of("/");
        io
    }

    /// The namespace of that name, made when it is not there yet.
    pub fn of(&self, name: &str) -> Namespace {
        let name = if name.starts_with('/') { name.to_owned() } else { format!("/{name}") };
        let mut namespaces = self.hub.namespaces.write().unwrap_or_else(PoisonError::into_inner);
        namespaces.entry(name).or_insert_with_key(|name| Namespace::new(name)).clone()
    }

    /// The server as a service for every request it is given.
    pub fn service(&self) -> SocketIoService {
        self.engine.service()
    }

    /// The server as a layer that takes the requests for [`Config::path`].
    pub fn layer(&self) -> SocketIoLayer {
        self.engine.layer()
    }

    /// Serves a new connection if it begins with a WebSocket handshake; see [`EngineIo::take`].
    ///
    /// # Errors
    /// When nothing came within `patience`, or the connection is broken or was closed.
    pub async fn take(
        &self,
        stream: TcpStream,
        patience: Duration,
        ticket: impl FnOnce(&mut Parts) -> Result<GuestTicket, Overrun>,
    ) -> io::Result<Option<Rewound>> {
        self.engine.take(stream, patience, ticket).await
    }

    /// Stops gently: new sessions are answered 503, what is queued is written, transports are
    /// closed without a DISCONNECT packet, so that clients come back, and disconnect handlers run.
    /// What is left at the deadline is aborted.
    pub async fn drain(&self, deadline: Duration) {
        self.engine.drain(deadline).await;
    }

    /// The server's counters.
    pub fn stats(&self) -> Stats {
        self.engine.stats()
    }
}

impl Hub {
    pub(crate) fn get(&self, name: &str) -> Option<Namespace> {
        self.namespaces.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }
}

impl Handler for Arc<Hub> {
    fn opened(&self, _: &Arc<Session>) -> Box<dyn Peer> {
        Box::new(Client::new(Arc::clone(self)))
    }
}

impl fmt::Debug for SocketIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIo").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
