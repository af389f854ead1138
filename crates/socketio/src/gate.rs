//! Limits for connections that have not joined a namespace.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;

use crate::admission::{AdmissionBudget, AdmissionLimit, AdmissionLimits, AdmissionTicket};

/// A connection's place in the budget for unauthenticated connections.
pub type GuestTicket = AdmissionTicket<IpAddr>;

/// Limits for connections that have not joined a namespace, or were accepted with [`ConnectRequest::restrict`].
///
/// Anyone can open such a connection, so it may use little memory and send few packets.
///
/// [`ConnectRequest::restrict`]: crate::ConnectRequest::restrict
#[derive(Clone, Debug)]
pub struct GuestGate {
    /// Budget shared by all of them.
    pub guests: AdmissionBudget<IpAddr>,
    /// Maximum bytes of one message, and of one polling request body.
    pub message_bytes: usize,
    /// Maximum number of packets per second.
    pub packets_per_second: u32,
    /// Callbacks into the embedding program.
    pub keeper: SharedGatekeeper,
}

/// A shared [`Gatekeeper`]; a newtype because trait objects do not implement `Debug`.
#[derive(Clone)]
pub struct SharedGatekeeper(pub Arc<dyn Gatekeeper>);

/// Identifies clients for the budget, and is notified of rejections.
pub trait Gatekeeper: Send + Sync {
    /// Returns the client to which a session opened by this request is charged; `None` for one without a limit of its
    /// own.
    fn client(&self, request: &Parts) -> Option<IpAddr> {
        let _ = request;
        None
    }

    /// Called for a polling request of a session that has joined a namespace; its connection need not be charged.
    fn recognized(&self, request: &Parts) {
        let _ = request;
    }

    /// Called when a client was rejected, from tasks that serve requests, so it must not block.
    fn rejected(&self, rejection: GateRejection, client: Option<IpAddr>) {
        let _ = (rejection, client);
    }
}

/// Reason for rejecting a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GateRejection {
    /// The budget for sessions is exhausted.
    Full(AdmissionLimit),
    /// The client did not join a namespace in time.
    ConnectTimeout,
    /// The client exceeded the limits that apply before it has joined a namespace.
    Traffic,
    /// The request's `Origin` is not allowed.
    Origin,
    /// The client uses another version of Engine.IO than 4, as Socket.IO 2.x does.
    ProtocolVersion,
}

/// Default implementation, without client identification.
struct OpenGatekeeper;

impl Gatekeeper for OpenGatekeeper {}

impl Default for GuestGate {
    fn default() -> GuestGate {
        GuestGate {
            guests: AdmissionBudget::new(AdmissionLimits::UNLIMITED, |_, _| {}),
            message_bytes: 16 * 1024,
            packets_per_second: 50,
            keeper: SharedGatekeeper(Arc::new(OpenGatekeeper)),
        }
    }
}

impl fmt::Debug for SharedGatekeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").finish_non_exhaustive()
    }
}
