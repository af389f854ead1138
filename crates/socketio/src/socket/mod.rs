//! Socket.IO 5: namespaces, sockets, rooms and packets.
//!
//! Built on [`engine`](crate::engine), whose sessions transport the packets.

mod ack;
mod broadcast;
mod client;
pub(crate) mod decode;
mod event;
mod extensions;
mod handle;
mod hub;
mod namespace;
mod packet;
mod pending;
mod refusal;
mod rooms;
mod runner;

pub use self::ack::AckError;
pub use self::broadcast::{BroadcastTarget, DeliveryCount};
pub use self::event::{AckSender, ClientEvent};
pub use self::extensions::SocketExtensions;
pub use self::handle::{SendError, Socket};
pub(crate) use self::hub::NamespaceTable;
pub use self::namespace::{ConnectRequest, Namespace};
pub use self::packet::{EncodeError, EventArgs, EventPacket, placeholder};
pub use self::refusal::ConnectRefusal;
pub use self::rooms::JoinError;
