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
pub use self::broadcast::{Broadcast, Delivery};
pub use self::event::{Ack, Event};
pub use self::extensions::Extensions;
pub use self::handle::{SendError, Socket};
pub(crate) use self::hub::Hub;
pub use self::namespace::{ConnectRequest, Namespace};
pub use self::packet::{Args, EncodeError, Packet, placeholder};
pub use self::refusal::Refusal;
pub use self::rooms::JoinError;
