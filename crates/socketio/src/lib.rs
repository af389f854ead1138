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

pub use self::admission::{AdmissionBudget, AdmissionClient, AdmissionLimit, AdmissionLimits, AdmissionTicket};
pub use self::config::{AllowedOriginList, SocketIoConfig};
pub use self::engine::handshake::Handshake;
pub use self::engine::{PeekedStream, TransportKind};
pub use self::gate::{GateRejection, Gatekeeper, GuestGate, GuestTicket, SharedGatekeeper};
pub use self::id::SocketId;
pub use self::reason::DisconnectReason;
pub use self::server::SocketIo;
pub use self::service::{LayeredService, ResponseBody, SocketIoLayer, SocketIoService};
pub use self::socket::{
    AckError, AckSender, BroadcastTarget, ClientEvent, ConnectRefusal, ConnectRequest, DeliveryCount, EncodeError,
    EventArgs, EventPacket, JoinError, Namespace, SendError, Socket, SocketExtensions, placeholder,
};
pub use self::stats::ServerStats;
