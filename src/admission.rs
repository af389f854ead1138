//! Limits on the number of connections: unauthenticated ones share a small budget, and each account has a limit of its own.

mod members;
mod slots;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;
use parking_lot::Mutex;
use superbot_socketio::{AdmissionBudget, AdmissionLimit, AdmissionLimits, GateRejection, Gatekeeper, GuestTicket};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::auth::{ChargedAccount, Principal};
use crate::config;
use crate::edge::{ClientNetwork, PeerAddress, ProxyPolicy};
use crate::refusal::{RefusalLog, RefusalReason};
use members::{ConnectionActivity, MemberConnections, MemberPlace};

pub use members::RequestUnderWay;
pub use slots::{ClientSlot, ClientSlots};

/// Memory that an unauthenticated HTTP connection may occupy, in bytes: the head of a request and the start of its body.
const GUEST_HTTP_BYTES: usize = 2 * GUEST_BODY_BYTES;
/// Maximum size, in bytes, of the body of a request that requires no credential.
pub const GUEST_BODY_BYTES: usize = 16 << 10;
/// Maximum size of a request's head, in bytes; the default of Node.js.
pub const HEAD_BYTES: usize = 16 << 10;
/// Memory budget of all unauthenticated connections, in bytes; larger if `capacity.guests` requires more.
const GUEST_BYTES: usize = 32 << 20;

/// Maximum number of connections of each kind, derived from the limit of file descriptors.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionCapacity {
    /// Authenticated HTTP connections; trusted proxies may hold the same number in addition.
    pub http: usize,
    /// Socket.IO sessions.
    pub sockets: usize,
    /// Unauthenticated connections and Socket.IO sessions, counted together.
    pub guests: usize,
    /// Connections of all kinds, which is what the limit of file descriptors permits.
    pub descriptors: usize,
}

/// Maximum number of connections per client; 0 disables a limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientLimits {
    /// Unauthenticated connections per address (IPv6: per network, see [`ClientNetwork`]).
    pub address_connections: usize,
    /// Authenticated HTTP connections per account, and its concurrent requests through trusted proxies.
    pub user_connections: usize,
}

impl From<&config::LimitsConfig> for ClientLimits {
    fn from(limits: &config::LimitsConfig) -> Self {
        Self { address_connections: limits.address_connections, user_connections: limits.user_connections }
    }
}

/// Counts connections against their limits, evicts, and logs what it refuses.
pub struct AdmissionBudgets {
    /// Unauthenticated connections and Socket.IO sessions, by [`ClientNetwork`].
    pub guests: AdmissionBudget<IpAddr>,
    /// Authenticated HTTP connections.
    members: MemberConnections,
    /// Authenticated requests through trusted proxies.
    proxied_requests: ClientSlots<ChargedAccount>,
    proxies: Arc<Semaphore>,
    edge: Arc<ProxyPolicy>,
    refusals: RefusalLog,
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

    /// Reserves a guest's place for the client of a request.
    fn enter(&self, request: &Parts) -> Result<GuestTicket, AdmissionLimit> {
        self.guests.enter(self.client(request))
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
    fn enter_member(
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

fn reason_of(overrun: AdmissionLimit) -> RefusalReason {
    match overrun {
        AdmissionLimit::Connections => RefusalReason::ServerFull,
        AdmissionLimit::ClientConnections => RefusalReason::AddressConnections,
        AdmissionLimit::Bytes => RefusalReason::UnauthenticatedTraffic,
    }
}

impl Gatekeeper for AdmissionBudgets {
    fn client(&self, request: &Parts) -> Option<IpAddr> {
        self.edge.client_address(request).map(|address| ClientNetwork::from(address).into())
    }

    fn recognized(&self, request: &Parts) {
        if let Some(visit) = request.extensions.get::<HttpConnection>() {
            visit.recognized();
        }
    }

    fn rejected(&self, rejection: GateRejection, client: Option<IpAddr>) {
        let reason = match rejection {
            GateRejection::Full(overrun) => reason_of(overrun),
            GateRejection::ConnectTimeout => RefusalReason::Deadline,
            GateRejection::ProtocolVersion => RefusalReason::ProtocolVersion,
            GateRejection::Origin => RefusalReason::Origin,
            // The other rejections before joining are all caused by the packets that the client sent.
            _ => RefusalReason::UnauthenticatedTraffic,
        };
        self.refusals.note(reason, client, None);
    }
}

/// The admission state of one HTTP connection, inserted into each of its requests by the accept loop; clones share it.
///
/// A connection counts as a guest's until a request with a valid credential arrives on it, and for that account afterwards.
/// On a connection of a trusted proxy each request has a state of its own.
#[derive(Clone)]
pub struct HttpConnection(Arc<VisitState>);

struct VisitState {
    budgets: Arc<AdmissionBudgets>,
    peer: SocketAddr,
    standing: Mutex<ConnectionStanding>,
    activity: Arc<ConnectionActivity>,
    /// Notified when the connection has to close because its place is needed.
    evicted: Arc<Notify>,
    has_begun: AtomicBool,
}

enum ConnectionStanding {
    Guest(GuestTicket),
    Member(Option<ChargedAccount>, #[expect(dead_code, reason = "held for as long as the connection is")] MemberPlace),
    /// A connection of a trusted proxy, or an authenticated request on one.
    Proxied,
    /// A connection accepted beyond all limits, so that health checks of a full server are answered.
    Excess,
}

impl HttpConnection {
    /// Starts the accounting of an HTTP connection.
    ///
    /// # Errors
    /// When `arrival` is `None`, because its place was spent on a WebSocket that was not granted, and no other place is free.
    pub fn begin(
        budgets: Arc<AdmissionBudgets>,
        arrival: Option<ConnectionClaim>,
        peer: SocketAddr,
        evicted: Arc<Notify>,
    ) -> Result<(Self, Option<OwnedSemaphorePermit>), RefusalReason> {
        let arrival = match arrival {
            Some(arrival) => arrival,
            None => budgets.arrive(peer)?,
        };
        let (standing, permit) = match arrival {
            ConnectionClaim::Client(ticket) => (ConnectionStanding::Guest(hold(ticket, &evicted)), None),
            ConnectionClaim::Proxy(permit) => (ConnectionStanding::Proxied, Some(permit)),
        };
        Ok((Self::new(budgets, peer, standing, evicted, Arc::default()), permit))
    }

    /// Returns the state of a connection that is served beyond the limits and occupies no place.
    pub fn beyond_limits(budgets: Arc<AdmissionBudgets>, peer: SocketAddr) -> Self {
        Self::new(budgets, peer, ConnectionStanding::Excess, Arc::default(), Arc::default())
    }

    /// Address of the other end of the TCP connection, which may be a proxy.
    pub fn peer(&self) -> SocketAddr {
        self.0.peer
    }

    /// Returns the state that a request on this connection is charged to.
    ///
    /// # Errors
    /// When a proxy forwards it for a client that has reached its limit.
    pub fn of_request(&self, request: &Parts) -> Result<Self, AdmissionLimit> {
        self.0.has_begun.store(true, Ordering::Relaxed);
        if !matches!(*self.0.standing.lock(), ConnectionStanding::Proxied) {
            return Ok(self.clone());
        }
        let budgets = Arc::clone(&self.0.budgets);
        let ticket = budgets.enter(request).inspect_err(|overrun| {
            budgets.refusals.note(reason_of(*overrun), budgets.client(request), None);
        })?;
        let standing = ConnectionStanding::Guest(hold(ticket, &self.0.evicted));
        let evicted = Arc::clone(&self.0.evicted);
        let activity = Arc::clone(&self.0.activity);
        Ok(Self::new(budgets, self.0.peer, standing, evicted, activity))
    }

    fn new(
        budgets: Arc<AdmissionBudgets>,
        peer: SocketAddr,
        standing: ConnectionStanding,
        evicted: Arc<Notify>,
        activity: Arc<ConnectionActivity>,
    ) -> Self {
        let standing = Mutex::new(standing);
        Self(Arc::new(VisitState { budgets, peer, standing, activity, evicted, has_begun: AtomicBool::new(false) }))
    }

    /// Moves the connection to its account after a request with a valid credential. If the account has no place left, it
    /// remains a guest's.
    pub fn authenticated(&self, principal: &Principal) {
        let _ = self.become_member(Some(principal.into()));
    }

    /// Like [`HttpConnection::authenticated`], for requests that are refused without a place. A request through a proxy is counted
    /// separately; the returned slot has to be held until the response is sent.
    ///
    /// # Errors
    /// When the account has reached its limit of connections or of proxied requests, or the server is full.
    pub fn admit(&self, principal: &Principal) -> Result<Option<ClientSlot<ChargedAccount>>, RefusalReason> {
        let account = ChargedAccount::from(principal);
        let budgets = &self.0.budgets;
        if !budgets.edge.is_trusted_proxy(self.0.peer.ip()) {
            return self.become_member(Some(account)).map(|()| None);
        }
        let Some(slot) = budgets.proxied_requests.enter(account) else {
            budgets.refusals.note(RefusalReason::UserConnections, None, Some(&account.to_string()));
            return Err(RefusalReason::UserConnections);
        };
        self.become_member(Some(account))?;
        Ok(Some(slot))
    }

    /// Moves the connection out of the guests' budget after a request of an authenticated Socket.IO session.
    fn recognized(&self) {
        if self.is_guest() {
            let _ = self.become_member(None);
        }
    }

    /// Marks the connection as busy until the returned guard is dropped.
    pub fn begin_request(&self) -> RequestUnderWay {
        self.0.activity.begin()
    }

    /// Completes when this idle connection has to close in favour of another one of an account.
    pub async fn retired(&self) {
        self.0.activity.retired().await;
    }

    /// Marks an anonymous client as established: it is evicted only after those that have not completed a request.
    pub fn stays(&self) {
        if let ConnectionStanding::Guest(ticket) = &*self.0.standing.lock() {
            let evicted = Arc::clone(&self.0.evicted);
            ticket.open(move || evicted.notify_one());
        }
    }

    /// Returns whether the connection has not authenticated yet.
    pub fn is_guest(&self) -> bool {
        matches!(*self.0.standing.lock(), ConnectionStanding::Guest(_) | ConnectionStanding::Excess)
    }

    /// Logs that a request was not complete in time.
    pub fn missed_deadline(&self) {
        self.0.budgets.refuse(RefusalReason::Deadline, self.0.peer);
    }

    /// Logs that a head was not complete in time, unless requests were served before: an idle kept-alive connection is not an
    /// attack.
    pub fn missed_head(&self) {
        if !self.0.has_begun.load(Ordering::Relaxed) {
            self.missed_deadline();
        }
    }

    /// Completes when the connection's place is needed by another one.
    pub async fn evicted(&self) {
        self.0.evicted.notified().await;
    }

    fn become_member(&self, account: Option<ChargedAccount>) -> Result<(), RefusalReason> {
        let mut standing = self.0.standing.lock();
        match &*standing {
            ConnectionStanding::Proxied | ConnectionStanding::Excess => return Ok(()),
            ConnectionStanding::Member(known, _) if *known == account => return Ok(()),
            ConnectionStanding::Guest(_) | ConnectionStanding::Member(..) => {}
        }
        let budgets = &self.0.budgets;
        // A proxy's connection also carries requests of other clients.
        let next = if budgets.edge.is_trusted_proxy(self.0.peer.ip()) {
            ConnectionStanding::Proxied
        } else {
            ConnectionStanding::Member(account, budgets.enter_member(account, &self.0.activity)?)
        };
        // Dropped after the lock: dropping a place takes the lock of the account's places.
        let before = std::mem::replace(&mut *standing, next);
        drop(standing);
        drop(before);
        Ok(())
    }
}

/// Charges the memory of an HTTP connection to its ticket and registers its eviction.
fn hold(ticket: GuestTicket, evicted: &Arc<Notify>) -> GuestTicket {
    let evicted = Arc::clone(evicted);
    ticket.on_eviction(move || evicted.notify_one());
    ticket.hold(GUEST_HTTP_BYTES);
    ticket
}
