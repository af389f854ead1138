#![doc = include_str!("../README.md")]
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "a test fails by panicking"))]

mod admission;
mod config;
pub mod engine;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod id;
mod query;
mod reason;
mod server;
mod service;
mod socket;
mod stats;

pub use self::admission::{Admission, AdmissionLimits, Client as AdmissionClient, Overrun, Ticket};
pub use self::config::{Config, Origins};
pub use self::engine::handshake::Handshake;
pub use self::engine::{Rewound, Transport};
pub use self::gate::{Gate, Gatekeeper, GuestTicket, Keeper, Rejection};
pub use self::id::SocketId;
pub use self::reason::DisconnectReason;
pub use self::server::SocketIo;
pub use self::service::{Layered, ResponseBody, SocketIoLayer, SocketIoService};
pub use self::socket::{
    Ack, AckError, Args, Broadcast, ConnectRequest, Delivery, EncodeError, Event, Extensions, JoinError, Namespace,
    Packet, Refusal, SendError, Socket, placeholder,
};
pub use self::stats::Stats;
