//! The admission state of HTTP connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use http::request::Parts;
use parking_lot::Mutex;
use superbot_socketio::{AdmissionLimit, GuestTicket};
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::budgets::{AdmissionBudgets, ConnectionClaim, reason_of};
use super::limits::GUEST_HTTP_BYTES;
use super::members::{ConnectionActivity, MemberPlace, RequestUnderWay};
use super::slots::ClientSlot;
use crate::auth::{ChargedAccount, Principal};
use crate::refusal::RefusalReason;

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
            budgets.refusals.note(reason_of(*overrun), budgets.client_address(request), None);
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
    pub(super) fn recognized(&self) {
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
