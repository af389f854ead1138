//! How many connections clients may hold: those that have not authenticated share a small budget, and accounts have limits of
//! their own.

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

/// What an HTTP connection that has not authenticated may make the server hold: a request's head and the start of its body.
const GUEST_HTTP_BYTES: usize = 2 * GUEST_BODY_BYTES;
/// The largest body of a request that needs no credential.
pub const GUEST_BODY_BYTES: usize = 16 << 10;
/// The largest head of a request; Node.js has the same limit.
pub const HEAD_BYTES: usize = 16 << 10;
/// The bytes that all connections together may hold before they have authenticated, or more where more of them are allowed.
const GUEST_BYTES: usize = 32 << 20;

/// How many connections there may be of each kind.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionCapacity {
    /// HTTP connections that have authenticated, and as many of trusted proxies.
    pub http: usize,
    /// Socket.IO sessions.
    pub sockets: usize,
    /// Connections and sessions that have not authenticated.
    pub guests: usize,
    /// Connections of all kinds: there are descriptors for no more.
    pub descriptors: usize,
}

/// How many connections one client may have; 0 means without limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClientLimits {
    /// Of one address, before they have authenticated.
    pub address_connections: usize,
    /// Of one account, over HTTP; and its requests under way over connections of trusted proxies.
    pub user_connections: usize,
}

impl From<&config::LimitsConfig> for ClientLimits {
    fn from(limits: &config::LimitsConfig) -> Self {
        Self { address_connections: limits.address_connections, user_connections: limits.user_connections }
    }
}

/// The budgets of connections.
pub struct AdmissionBudgets {
    /// Connections and Socket.IO sessions that have not authenticated, by [`ClientNetwork`].
    pub guests: AdmissionBudget<IpAddr>,
    /// HTTP connections that have authenticated.
    members: MemberConnections,
    /// Requests with a valid credential that came over connections of trusted proxies.
    proxied_requests: ClientSlots<ChargedAccount>,
    proxies: Arc<Semaphore>,
    edge: Arc<ProxyPolicy>,
    refusals: RefusalLog,
}

/// What a new connection is counted as until it is known what it is for.
pub enum ConnectionClaim {
    /// A connection of a client.
    Client(GuestTicket),
    /// A connection of a trusted proxy, whose requests are counted for the clients that they are forwarded for.
    Proxy(OwnedSemaphorePermit),
}

impl AdmissionBudgets {
    /// Budgets of this size.
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
            // As many as are allowed fit, or there would be another limit than the one that is documented.
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

    /// Counts a new connection; the oldest that has not authenticated makes room for it.
    ///
    /// # Errors
    /// When none can.
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

    /// A place for what this request opens.
    fn enter(&self, request: &Parts) -> Result<GuestTicket, AdmissionLimit> {
        self.guests.enter(self.client(request))
    }

    /// A place for the WebSocket that a connection opens with its first request: the connection's own, or that of the client
    /// for whom a proxy forwards it.
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
                // Sessions are many and live long, and nothing asks them for it.
                request.extensions.clear();
                entered
            }
        }
    }

    /// A place for a connection that has authenticated.
    fn enter_member(
        &self,
        account: Option<ChargedAccount>,
        activity: &Arc<ConnectionActivity>,
    ) -> Result<MemberPlace, RefusalReason> {
        let (entered, reason) = match self.members.enter(account, activity) {
            Ok((place, None)) => return Ok(place),
            Ok((place, Some(AdmissionLimit::ClientConnections))) => (Ok(place), RefusalReason::UserConnections),
            Ok((place, Some(_))) => (Ok(place), RefusalReason::Evicted),
            Err(AdmissionLimit::ClientConnections) => (Err(()), RefusalReason::UserConnections),
            Err(_) => (Err(()), RefusalReason::ServerFull),
        };
        self.refusals.note(reason, None, account.map(|account| account.to_string()).as_deref());
        entered.map_err(|()| reason)
    }

    /// Notes a refusal of a connection.
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
            // What else a client may be refused for before it has joined is something that it sent.
            _ => RefusalReason::UnauthenticatedTraffic,
        };
        self.refusals.note(reason, client, None);
    }
}

/// An HTTP connection as the budgets see it, put into each of its requests by the accept loop; clones are of the same one.
///
/// A connection counts as a guest's until a request with a valid credential came over it, and for that account from then on.
/// Over a connection of a trusted proxy each request is counted by itself.
#[derive(Clone)]
pub struct HttpConnection(Arc<VisitState>);

struct VisitState {
    budgets: Arc<AdmissionBudgets>,
    peer: SocketAddr,
    standing: Mutex<ConnectionStanding>,
    activity: Arc<ConnectionActivity>,
    /// Ends the connection.
    evicted: Arc<Notify>,
    has_begun: AtomicBool,
}

enum ConnectionStanding {
    Guest(GuestTicket),
    Member(Option<ChargedAccount>, #[expect(dead_code, reason = "held for as long as the connection is")] MemberPlace),
    /// A connection of a trusted proxy, or a request over one that has authenticated.
    Proxied,
    /// A connection that is served although there is no room for it.
    Excess,
}

impl HttpConnection {
    /// An HTTP connection that has just begun.
    ///
    /// # Errors
    /// When it was counted for a WebSocket that was not granted in the end, and there is no place for it.
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

    /// A connection that is served although there is no room for it.
    pub fn beyond_limits(budgets: Arc<AdmissionBudgets>, peer: SocketAddr) -> Self {
        Self::new(budgets, peer, ConnectionStanding::Excess, Arc::default(), Arc::default())
    }

    /// The peer of the connection.
    pub fn peer(&self) -> SocketAddr {
        self.0.peer
    }

    /// What a request over this connection is counted as.
    ///
    /// # Errors
    /// When a proxy forwards it for a client that has too many of them under way.
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

    /// A request with a valid credential came over the connection. Where there is no room for one more connection of its
    /// account, it stays with those that have not authenticated.
    pub fn authenticated(&self, principal: &Principal) {
        let _ = self.become_member(Some(principal.into()));
    }

    /// The same, for a request that is refused where there is no room. One that a proxy forwards is counted by itself: what this
    /// returns is to be held until it has been answered.
    ///
    /// # Errors
    /// When its account has as many connections, or requests through proxies, as it may, or the server has no room for more.
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

    /// A request of a Socket.IO session that has authenticated came over the connection.
    fn recognized(&self) {
        if self.is_guest() {
            let _ = self.become_member(None);
        }
    }

    /// Counts a request until what this returns is dropped: the connection is not idle.
    pub fn begin_request(&self) -> RequestUnderWay {
        self.0.activity.begin()
    }

    /// Waits until another connection of an account needs the place of this one, which is idle.
    pub async fn retired(&self) {
        self.0.activity.retired().await;
    }

    /// An anonymous client stays on the connection: it makes room for others after those that have got nowhere.
    pub fn stays(&self) {
        if let ConnectionStanding::Guest(ticket) = &*self.0.standing.lock() {
            let evicted = Arc::clone(&self.0.evicted);
            ticket.open(move || evicted.notify_one());
        }
    }

    /// Whether no valid credential came over the connection yet.
    pub fn is_guest(&self) -> bool {
        matches!(*self.0.standing.lock(), ConnectionStanding::Guest(_) | ConnectionStanding::Excess)
    }

    /// A request was not complete in time.
    pub fn missed_deadline(&self) {
        self.0.budgets.refuse(RefusalReason::Deadline, self.0.peer);
    }

    /// The connection ended because a head was not complete in time. One that only waited for its next request did nothing
    /// wrong.
    pub fn missed_head(&self) {
        if !self.0.has_begun.load(Ordering::Relaxed) {
            self.missed_deadline();
        }
    }

    /// Waits until the connection's place is needed by another one.
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
        // A proxy's connection carries requests of other clients as well.
        let next = if budgets.edge.is_trusted_proxy(self.0.peer.ip()) {
            ConnectionStanding::Proxied
        } else {
            ConnectionStanding::Member(account, budgets.enter_member(account, &self.0.activity)?)
        };
        let before = std::mem::replace(&mut *standing, next);
        drop(standing);
        drop(before);
        Ok(())
    }
}

/// Counts what an HTTP connection may hold.
fn hold(ticket: GuestTicket, evicted: &Arc<Notify>) -> GuestTicket {
    let evicted = Arc::clone(evicted);
    ticket.on_eviction(move || evicted.notify_one());
    ticket.hold(GUEST_HTTP_BYTES);
    ticket
}
