//! Engine.IO 4: sessions over HTTP long-polling and WebSocket, and the upgrade between them.
//!
//! This layer transports messages, not events; [`SocketIo`](crate::SocketIo) is built on top, and other protocols may
//! be. A [`SessionHandler`] is called for each new session and creates the [`SessionPeer`] that receives its messages.

pub(crate) mod answer;
mod backpressure;
mod connection;
pub(crate) mod core;
pub(crate) mod decoder;
mod engine_io;
pub(crate) mod frame;
pub(crate) mod guest;
mod guest_limits;
pub(crate) mod handshake;
mod heartbeat;
mod inbound;
mod input;
mod outbox;
pub(crate) mod packet;
pub(crate) mod payload;
mod peeked_stream;
mod polling;
pub(crate) mod read_buffer;
pub(crate) mod session;
mod session_claim;
mod session_state;
mod transmit;
mod transport;
pub(crate) mod websocket;
mod wire;

pub use self::engine_io::EngineIo;
pub use self::frame::EngineFrame;
pub use self::packet::MalformedPacket;
pub use self::peeked_stream::PeekedStream;
pub(crate) use self::polling::{get, open, post};
pub use self::session::{EngineSession, PacketRefused, SessionHandler, SessionPeer};
pub use self::transport::TransportKind;
