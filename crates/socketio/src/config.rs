//! Configuration of a server.

use std::time::Duration;

use crate::gate::GuestGate;

/// Configuration of a server; [`SocketIoConfig::default`] has the default values of the protocol.
#[derive(Clone, Debug)]
pub struct SocketIoConfig {
    /// URL path that [`SocketIo::layer`](crate::SocketIo::layer) handles; `/socket.io/` for official clients.
    pub path: String,
    /// Time between a client's last pong and the server's next ping.
    pub ping_interval: Duration,
    /// Time within which a client must answer a ping.
    pub ping_timeout: Duration,
    /// Maximum bytes of one message, and of one polling request or response body.
    pub max_payload: usize,
    /// Time within which a connection must join a namespace; otherwise it is closed.
    pub connect_timeout: Duration,
    /// Limits for connections that have not joined a namespace.
    pub gate: GuestGate,
    /// Time within which an upgrade from polling to WebSocket must complete.
    pub upgrade_timeout: Duration,
    /// Maximum bytes queued for one connection; a single larger packet is accepted into an empty queue.
    pub queue_bytes: usize,
    /// Time after which a peer that accepts no bytes while some are queued is disconnected.
    pub write_deadline: Duration,
    /// `SO_SNDBUF` of WebSocket connections in bytes (Linux doubles it); `None` keeps the system default.
    pub send_buffer: Option<usize>,
    /// Maximum number of connections; further ones are answered with 503.
    pub max_connections: usize,
    /// Maximum number of namespaces per connection.
    pub max_namespaces_per_connection: usize,
    /// Maximum number of rooms per socket, in addition to its own.
    pub max_rooms_per_socket: usize,
    /// Maximum number of binary attachments per packet.
    pub max_attachments: usize,
    /// Maximum number of acknowledgements pending per socket.
    pub max_pending_acks: usize,
    /// Maximum length of an event name in bytes.
    pub max_event_name: usize,
    /// Events queued for or running in a connection's handlers at which reading from it pauses.
    pub max_inbound: usize,
    /// Bytes queued for a connection's handlers at which reading from it pauses.
    pub max_inbound_bytes: usize,
    /// Maximum number of packets per polling payload.
    pub max_packets_per_payload: usize,
    /// Origins of web pages that may connect.
    pub origins: AllowedOriginList,
    /// Origins that count as the server's own in addition to its `Host`, for servers behind a proxy.
    pub public_origins: Vec<String>,
}

/// Origins of web pages that may connect, according to the `Origin` header.
///
/// A request without that header does not come from a web page and is accepted: other programs are distinguished by
/// their credentials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AllowedOriginList {
    /// Pages of this server: the origin's host and port equal `Host`, or it is one of [`SocketIoConfig::public_origins`].
    #[default]
    SameOrigin,
    /// The server's own pages and those of the listed origins, such as `https://example.org`.
    List(Vec<String>),
    /// All pages; cross-origin requests carry no cookies.
    Any,
}

impl Default for SocketIoConfig {
    fn default() -> SocketIoConfig {
        SocketIoConfig {
            path: "/socket.io/".to_owned(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            max_payload: 1_000_000,
            connect_timeout: Duration::from_secs(45),
            gate: GuestGate::default(),
            upgrade_timeout: Duration::from_secs(10),
            queue_bytes: 1_000_000,
            write_deadline: Duration::from_secs(10),
            send_buffer: Some(128 * 1024),
            max_connections: 100_000,
            max_namespaces_per_connection: 16,
            max_rooms_per_socket: 256,
            max_attachments: 16,
            max_pending_acks: 256,
            max_event_name: 256,
            max_inbound: 64,
            max_inbound_bytes: 4_000_000,
            max_packets_per_payload: 16_384,
            origins: AllowedOriginList::SameOrigin,
            public_origins: Vec::new(),
        }
    }
}
