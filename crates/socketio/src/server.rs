//! Handle of a Socket.IO server.

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

/// A Socket.IO server; clones refer to the same server.
#[derive(Clone)]
pub struct SocketIo {
    pub(crate) engine: EngineIo,
    hub: Arc<NamespaceTable>,
}

impl SocketIo {
    /// Creates a server with the main namespace, `/`; [`Self::of`] creates others.
    pub fn new(config: SocketIoConfig) -> SocketIo {
        let hub = Arc::new(NamespaceTable::default());
        let io = SocketIo { engine: EngineIo::new(config, Arc::clone(&hub)), hub };
        io.of("/");
        io
    }

    /// Returns the namespace with this name, creating it if necessary.
    pub fn of(&self, name: &str) -> Namespace {
        self.hub.of(name)
    }

    /// Returns the server as a service that handles every request.
    pub fn service(&self) -> SocketIoService {
        self.engine.service()
    }

    /// Returns the server as a layer that handles requests to [`SocketIoConfig::path`].
    pub fn layer(&self) -> SocketIoLayer {
        self.engine.layer()
    }

    /// Serves a new connection if it starts with a WebSocket handshake; see [`EngineIo::take`].
    ///
    /// # Errors
    /// If nothing arrives within `patience`, or the connection failed or was closed.
    pub async fn take(
        &self,
        stream: TcpStream,
        patience: Duration,
        ticket: impl FnOnce(&mut Parts) -> Result<GuestTicket, AdmissionLimit>,
    ) -> io::Result<Option<PeekedStream>> {
        self.engine.take(stream, patience, ticket).await
    }

    /// Shuts down gracefully: rejects new sessions with 503, writes what is queued, closes transports without a
    /// DISCONNECT packet so that clients reconnect, and runs disconnect handlers. Aborts what remains at the deadline.
    pub async fn drain(&self, deadline: Duration) {
        self.engine.drain(deadline).await;
    }

    /// Returns a snapshot of the counters.
    pub fn stats(&self) -> ServerStats {
        self.engine.stats()
    }
}

impl fmt::Debug for SocketIo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketIo").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
