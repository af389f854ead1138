//! The handle to a Socket.IO server.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;
use tokio::net::TcpStream;

use crate::admission::AdmissionLimit;
use crate::config::SocketIoConfig;
use crate::engine::{EngineIo, PeekedStream};
use crate::gate::GuestTicket;
use crate::service::{SocketIoLayer, SocketIoService};
use crate::socket::{Namespace, NamespaceTable};
use crate::stats::ServerStats;

/// A Socket.IO server; clones are handles to the same server.
#[derive(Clone)]
pub struct SocketIo {
    pub(crate) engine: EngineIo,
    hub: Arc<NamespaceTable>,
}

impl SocketIo {
    /// A server with the main namespace, `/`; [`Self::of`] makes others.
    pub fn new(config: SocketIoConfig) -> SocketIo {
        let hub = Arc::new(NamespaceTable::default());
        let io = SocketIo { engine: EngineIo::new(config, Arc::clone(&hub)), hub };
        io.of("/");
        io
    }

    /// The namespace of that name, made when it is not there yet.
    pub fn of(&self, name: &str) -> Namespace {
        self.hub.of(name)
    }

    /// The server as a service for every request it is given.
    pub fn service(&self) -> SocketIoService {
        self.engine.service()
    }

    /// The server as a layer that takes the requests for [`SocketIoConfig::path`].
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
        ticket: impl FnOnce(&mut Parts) -> Result<GuestTicket, AdmissionLimit>,
    ) -> io::Result<Option<PeekedStream>> {
        self.engine.take(stream, patience, ticket).await
    }

    /// Stops gently: new sessions are answered 503, what is queued is written, transports are
    /// closed without a DISCONNECT packet, so that clients come back, and disconnect handlers run.
    /// What is left at the deadline is aborted.
    pub async fn drain(&self, deadline: Duration) {
        self.engine.drain(deadline).await;
    }

    /// The server's counters.
    pub fn stats(&self) -> ServerStats {
        self.engine.stats()
    }
}

impl fmt::Debug for SocketIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIo").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
