//! Budgets that connections are counted against.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::request::Parts;
use superbot_socketio::{AdmissionBudget, AdmissionLimit, AdmissionLimits, GuestTicket};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::{ClientLimits, ConnectionCapacity, GUEST_BYTES, GUEST_HTTP_BYTES};
use super::members::{ConnectionActivity, MemberConnections, MemberPlace};
use super::slots::ClientSlots;
use crate::auth::ChargedAccount;
use crate::edge::{ClientNetwork, PeerAddress, ProxyPolicy};
use crate::refusal::{RefusalLog, RefusalReason};

/// Counts connections against their limits, evicts, and logs what it refuses.
pub struct AdmissionBudgets {
    /// Unauthenticated connections and Socket.IO sessions, by [`ClientNetwork`].
    pub guests: AdmissionBudget<IpAddr>,
    /// Authenticated HTTP connections.
    members: MemberConnections,
    /// Authenticated requests through trusted proxies.
    pub(super) proxied_requests: ClientSlots<ChargedAccount>,
    proxies: Arc<Semaphore>,
    pub(super) edge: Arc<ProxyPolicy>,
    pub(super) refusals: RefusalLog,
}

/// Accounting of a new connection until its first request shows whether it is HTTP or a WebSocket.
pub enum ConnectionClaim {
    /// A direct connection of a client.
    Client(GuestTicket),
    /// A connection of a trusted proxy; its requests are counted separately, for the clients they are forwarded for.
    Proxy(OwnedSemaphorePermit),
}

impl AdmissionBudgets {
    /// Creates budgets without any connection.
    pub fn new(
        capacity: ConnectionCapacity,
        limits: ClientLimits,
        edge: Arc<ProxyPolicy>,
        refusals: RefusalLog,
    ) -> Arc<Self> {
        let or_unlimited = |limit| if limit == 0 { usize::MAX } else { limit };
        let of_guests = AdmissionLimits {
            connections: capacity.guests,
            // No address takes more than half of a budget that is smaller than the limit.
            client_connections: match limits.address_connections {
                0 => usize::MAX,
                limit => limit.min(capacity.guests.div_ceil(2)),
            },
            // More connections than fit into the constant are allowed on purpose: the documented limit is the number.
            bytes: GUEST_BYTES.max(capacity.guests.saturating_mul(GUEST_HTTP_BYTES)),
            ..AdmissionLimits::UNLIMITED
        };
        let guest_refusals = refusals.clone();
        Arc::new(Self {
            guests: AdmissionBudget::new(of_guests, move |client, overrun| {
                let reason = match overrun {
                    AdmissionLimit::ClientConnections => RefusalReason::AddressConnections,
                    AdmissionLimit::Connections => RefusalReason::Evicted,
                    AdmissionLimit::Bytes => RefusalReason::UnauthenticatedTraffic,
                };
                guest_refusals.note(reason, client, None);
            }),
            members: MemberConnections::new(capacity.http, or_unlimited(limits.user_connections)),
            proxied_requests: ClientSlots::new(limits.user_connections),
            proxies: Arc::new(Semaphore::new(capacity.http)),
            edge,
            refusals,
        })
    }

    /// Counts a new connection, evicting the oldest unauthenticated one if the budget is exhausted.
    ///
    /// # Errors
    /// The limit that is exceeded, if no connection can be evicted.
    pub fn arrive(&self, peer: SocketAddr) -> Result<ConnectionClaim, RefusalReason> {
        let arrival = if self.edge.is_trusted_proxy(peer.ip()) {
            let permit = Arc::clone(&self.proxies).try_acquire_owned().ok();
            permit.map(ConnectionClaim::Proxy).ok_or(RefusalReason::ServerFull)
        } else {
            let network = IpAddr::from(ClientNetwork::from(peer.ip()));
            self.guests.enter(Some(network)).map(ConnectionClaim::Client).map_err(reason_of)
        };
        arrival.inspect_err(|reason| self.refusals.note(*reason, Some(peer.ip()), None))
    }

    /// Returns the address that a request's client is counted by: an IPv4 address or an IPv6 network.
    pub(super) fn client_address(&self, request: &Parts) -> Option<IpAddr> {
        self.edge.client_address(request).map(|address| ClientNetwork::from(address).into())
    }

    /// Reserves a guest's place for the client of a request.
    pub(super) fn enter(&self, request: &Parts) -> Result<GuestTicket, AdmissionLimit> {
        self.guests.enter(self.client_address(request))
    }

    /// Returns the place for a WebSocket that is opened by the first request of a connection: the connection's own, or,
    /// through a proxy, one charged to the forwarded client.
    pub fn place(
        &self,
        arrival: &mut Option<ConnectionClaim>,
        peer: SocketAddr,
        request: &mut Parts,
    ) -> Result<GuestTicket, AdmissionLimit> {
        match arrival.take() {
            Some(ConnectionClaim::Client(ticket)) => Ok(ticket),
            proxy => {
                *arrival = proxy;
                request.extensions.insert(PeerAddress(peer));
                let entered = self.enter(request);
                // A session may live for days, and never reads its request's extensions again.
                request.extensions.clear();
                entered
            }
        }
    }

    /// Moves a connection to an account's places, evicting an idle one if there is none left.
    pub(super) fn enter_member(
        &self,
        account: Option<ChargedAccount>,
        activity: &Arc<ConnectionActivity>,
    ) -> Result<MemberPlace, RefusalReason> {
        let (entered, reason) = match self.members.enter(account, activity) {
            // A place with an overrun means that an idle connection was evicted for it, which is logged like a refusal.
            Ok((place, None)) => return Ok(place),
            Ok((place, Some(AdmissionLimit::ClientConnections))) => (Ok(place), RefusalReason::UserConnections),
            Ok((place, Some(_))) => (Ok(place), RefusalReason::Evicted),
            Err(AdmissionLimit::ClientConnections) => (Err(()), RefusalReason::UserConnections),
            Err(_) => (Err(()), RefusalReason::ServerFull),
        };
        self.refusals.note(reason, None, account.map(|account| account.to_string()).as_deref());
        entered.map_err(|()| reason)
    }

    /// Logs and counts a refused connection.
    pub fn refuse(&self, reason: RefusalReason, peer: SocketAddr) {
        self.refusals.note(reason, Some(peer.ip()), None);
    }
}

pub(super) fn reason_of(overrun: AdmissionLimit) -> RefusalReason {
    match overrun {
        AdmissionLimit::Connections => RefusalReason::ServerFull,
        AdmissionLimit::ClientConnections => RefusalReason::AddressConnections,
        AdmissionLimit::Bytes => RefusalReason::UnauthenticatedTraffic,
    }
}
