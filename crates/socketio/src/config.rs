//! What a server can be told about itself.

use std::time::Duration;

use crate::gate::GuestGate;

/// The settings of a server; [`SocketIoConfig::default`] holds the protocol's own values.
#[derive(Clone, Debug)]
pub struct SocketIoConfig {
    /// The path [`SocketIo::layer`](crate::SocketIo::layer) answers; `/socket.io/` for official clients.
    pub path: String,
    /// How long after the last sign of life the server pings.
    pub ping_interval: Duration,
    /// How long a client may take to answer a ping.
    pub ping_timeout: Duration,
    /// The most bytes of one message, and of one polling request's or answer's body.
    pub max_payload: usize,
    /// A connection that joined no namespace within this time is closed.
    pub connect_timeout: Duration,
    /// What connections may do before they have joined a namespace.
    pub gate: GuestGate,
    /// How long an upgrade from polling to WebSocket may take.
    pub upgrade_timeout: Duration,
    /// The most bytes waiting for one connection; a single larger packet may enter an empty queue.
    pub queue_bytes: usize,
    /// A peer that takes no byte for this long while something waits for it is cut off.
    pub write_deadline: Duration,
    /// The kernel's send buffer per WebSocket (Linux doubles the number); `None` leaves the system's default.
    pub send_buffer: Option<usize>,
    /// The most connections at once; further ones are answered 503.
    pub max_connections: usize,
    /// The most namespaces one connection may be in.
    pub max_namespaces_per_connection: usize,
    /// The most rooms one socket may be in, besides its own.
    pub max_rooms_per_socket: usize,
    /// The most binary attachments of one packet.
    pub max_attachments: usize,
    /// The most acknowledgements one socket may be waited on for.
    pub max_pending_acks: usize,
    /// The most bytes of an event's name.
    pub max_event_name: usize,
    /// Events waiting for (or in) a connection's handlers before reading from it pauses.
    pub max_inbound: usize,
    /// Bytes waiting for a connection's handlers before reading from it pauses.
    pub max_inbound_bytes: usize,
    /// The most packets of one polling payload.
    pub max_packets_per_payload: usize,
    /// Which pages may connect.
    pub origins: AllowedOriginList,
    /// Origins that count as the server's own besides its `Host`, for a server behind a proxy.
    pub public_origins: Vec<String>,
}

/// Which pages, told by the `Origin` header, may connect.
///
/// A request without that header does not come from a page and is let through: credentials are
/// what tells other programs apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AllowedOriginList {
    /// Pages of the server itself: the origin's host and port equal `Host`, or it is one of
    /// [`SocketIoConfig::public_origins`].
    #[default]
    SameOrigin,
    /// The server's own pages and those of the listed origins, such as `https://example.org`.
    List(Vec<String>),
    /// Every page there is, without cookies.
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
