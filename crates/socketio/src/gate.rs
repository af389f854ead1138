//! What applies to connections that have not joined a namespace yet.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::request::Parts;

use crate::admission::{AdmissionBudget, AdmissionLimit, AdmissionLimits, AdmissionTicket};

/// A connection's place in the budget of those that have not joined a namespace.
pub type GuestTicket = AdmissionTicket<IpAddr>;

/// The limits of connections that have not joined a namespace, or were let in with [`ConnectRequest::restrict`].
///
/// Anybody can open such a connection, so it may hold little memory and the time of few packets.
///
/// [`ConnectRequest::restrict`]: crate::ConnectRequest::restrict
#[derive(Clone, Debug)]
pub struct GuestGate {
    /// The budget of all of them together.
    pub guests: AdmissionBudget<IpAddr>,
    /// The most bytes of one message, and of one polling request's body.
    pub message_bytes: usize,
    /// The most packets in a second.
    pub packets_per_second: u32,
    /// What the embedding program knows and wants to know of them.
    pub keeper: SharedGatekeeper,
}

/// A shared [`Gatekeeper`].
#[derive(Clone)]
pub struct SharedGatekeeper(pub Arc<dyn Gatekeeper>);

/// Knows whose connections are whose, and hears what was refused.
pub trait Gatekeeper: Send + Sync {
    /// The client that a session opened by this request counts for; `None` is one without a limit of its own.
    fn client(&self, request: &Parts) -> Option<IpAddr> {
        let _ = request;
        None
    }

    /// A polling request arrived for a session that has joined a namespace, so its connection is no stranger's.
    fn recognized(&self, request: &Parts) {
        let _ = request;
    }

    /// Something was refused to a client. Called from tasks that serve, so it must not block.
    fn rejected(&self, rejection: GateRejection, client: Option<IpAddr>) {
        let _ = (rejection, client);
    }
}

/// Why a client was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GateRejection {
    /// There is no room for one more session.
    Full(AdmissionLimit),
    /// The client joined no namespace in time.
    ConnectTimeout,
    /// The client sent more, or faster, than it may before it has joined.
    Traffic,
    /// The request's `Origin` is not allowed.
    Origin,
    /// The client speaks another version of Engine.IO than 4, as Socket.IO 2.x does.
    ProtocolVersion,
}

/// A program that knows nothing of its clients.
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
