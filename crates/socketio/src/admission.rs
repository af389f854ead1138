//! A connection budget shared fairly between clients: when it is exhausted, the oldest connection is evicted for the
//! newest.
//!
//! A server keeps such a budget for connections that have not authenticated yet. What can be opened without credentials
//! then occupies a bounded part of the server and cannot lock out honest clients: a handshake takes milliseconds, so
//! the oldest unfinished connection is the least likely to be honest.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};
use tokio::time::Instant;

/// Limits of an [`AdmissionBudget`] budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Maximum number of connections of all clients.
    pub connections: usize,
    /// Maximum number of connections of one client.
    pub client_connections: usize,
    /// Maximum bytes held by all connections, as reported with [`AdmissionTicket::hold`].
    pub bytes: usize,
    /// How long a new session is protected from eviction. Without it, more returning clients than the limit would evict
    /// one another if they arrived faster than a round trip takes.
    pub handshake_grace: Duration,
}

impl AdmissionLimits {
    /// No limits, and a grace period of one second.
    pub const UNLIMITED: AdmissionLimits = AdmissionLimits {
        connections: usize::MAX,
        client_connections: usize::MAX,
        bytes: usize::MAX,
        handshake_grace: Duration::from_secs(1),
    };
}

/// The limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdmissionLimit {
    /// [`AdmissionLimits::connections`].
    Connections,
    /// [`AdmissionLimits::client_connections`].
    ClientConnections,
    /// [`AdmissionLimits::bytes`].
    Bytes,
}

/// A type that identifies clients, such as an IP address.
pub trait AdmissionClient: Copy + Eq + Hash + Send + 'static {}

impl<K: Copy + Eq + Hash + Send + 'static> AdmissionClient for K {}

/// A budget for connections of clients identified by `K`; clones share it.
pub struct AdmissionBudget<K>(Arc<AdmissionShared<K>>);

struct AdmissionShared<K> {
    limits: AdmissionLimits,
    on_eviction: Box<dyn Fn(Option<K>, AdmissionLimit) + Send + Sync>,
    state: Mutex<AdmissionState<K>>,
}

/// A connection's place in an [`AdmissionBudget`]; dropping it releases the place.
pub struct AdmissionTicket<K: AdmissionClient> {
    admission: AdmissionBudget<K>,
    id: u64,
    client: Option<K>,
}

/// Eviction order: by the time from which a connection may be evicted, then by id, which is allocated in order of age.
/// That time is when the connection arrived or, with a session, when its grace period ends. Exempting sessions
/// altogether would let an attacker fill the budget with sessions, and honest newcomers would evict one another.
type Order = BTreeSet<(Instant, u64)>;

struct AdmissionState<K> {
    next: u64,
    entries: HashMap<u64, AdmissionEntry<K>>,
    order: Order,
    clients: HashMap<K, Order>,
    /// Entries that hold bytes, by age.
    holders: BTreeSet<u64>,
    bytes: usize,
}

struct AdmissionEntry<K> {
    client: Option<K>,
    evictable_from: Instant,
    has_session: bool,
    bytes: usize,
    evict: Option<Evict>,
}

type Evict = Box<dyn FnOnce() + Send>;

/// Closes the evicted connections when dropped. Closing takes locks of the connections, so no lock may be held at that
/// time.
#[derive(Default)]
#[must_use = "dropped where no lock is held"]
pub(crate) struct PendingEvictions(Vec<Evict>);

impl PendingEvictions {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Drop for PendingEvictions {
    fn drop(&mut self) {
        for evict in self.0.drain(..) {
            evict();
        }
    }
}

impl<K: AdmissionClient> AdmissionBudget<K> {
    /// Creates a budget; `on_eviction` is called with the client of each evicted connection and the limit that caused
    /// it.
    pub fn new(
        limits: AdmissionLimits,
        on_eviction: impl Fn(Option<K>, AdmissionLimit) + Send + Sync + 'static,
    ) -> AdmissionBudget<K> {
        let state = AdmissionState {
            next: 0,
            entries: HashMap::new(),
            order: Order::new(),
            clients: HashMap::new(),
            holders: BTreeSet::new(),
            bytes: 0,
        };
        AdmissionBudget(Arc::new(AdmissionShared {
            limits,
            on_eviction: Box::new(on_eviction),
            state: Mutex::new(state),
        }))
    }

    /// Admits a connection, evicting the oldest one if necessary. A client of `None` has no limit of its own.
    ///
    /// # Errors
    /// If every candidate for eviction is within its grace period, and no client holds more connections than this one.
    pub fn enter(&self, client: Option<K>) -> Result<AdmissionTicket<K>, AdmissionLimit> {
        self.enter_at(client, Instant::now())
    }

    fn enter_at(&self, client: Option<K>, now: Instant) -> Result<AdmissionTicket<K>, AdmissionLimit> {
        let mut evictions = PendingEvictions::default();
        let mut state = self.lock();
        if let Some((overrun, oldest)) = state.overrun(&self.0.limits, client) {
            // If all sessions are protected, only a client with more connections than the newcomer loses one.
            let evicted = oldest.filter(|id| state.is_evictable(*id, now)).or_else(|| match overrun {
                AdmissionLimit::Connections => state.oldest_of_largest(client),
                AdmissionLimit::ClientConnections | AdmissionLimit::Bytes => None,
            });
            self.evict(&mut state, evicted.ok_or(overrun)?, overrun, &mut evictions);
        }
        let id = state.next;
        state.next += 1;
        state
            .entries
            .insert(id, AdmissionEntry { client, evictable_from: now, has_session: false, bytes: 0, evict: None });
        state.order.insert((now, id));
        if let Some(client) = client {
            state.clients.entry(client).or_default().insert((now, id));
        }
        drop(state);
        Ok(AdmissionTicket { admission: self.clone(), id, client })
    }

    /// Evicts the oldest connection because of a shortage outside this budget; returns whether there was one.
    pub fn evict_oldest(&self) -> bool {
        self.evict_first(|_| true)
    }

    /// Evicts the oldest connection with a session; returns whether there was one.
    pub(crate) fn evict_oldest_session(&self) -> bool {
        self.evict_first(|entry| entry.has_session)
    }

    fn evict_first(&self, is_meant: impl Fn(&AdmissionEntry<K>) -> bool) -> bool {
        let mut evictions = PendingEvictions::default();
        let mut state = self.lock();
        let AdmissionState { order, entries, .. } = &*state;
        let oldest = order.iter().map(|(_, id)| *id).find(|id| entries.get(id).is_some_and(&is_meant));
        if let Some(oldest) = oldest {
            self.evict(&mut state, oldest, AdmissionLimit::Connections, &mut evictions);
        }
        drop(state);
        oldest.is_some()
    }

    /// Returns the number of admitted connections.
    pub fn connections(&self) -> usize {
        self.lock().entries.len()
    }

    /// Returns the bytes held by all connections.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn evict(&self, state: &mut AdmissionState<K>, id: u64, overrun: AdmissionLimit, evictions: &mut PendingEvictions) {
        let Some(entry) = state.remove(id) else { return };
        // Deferred as well: the callback is foreign code and might use this budget.
        let shared = Arc::clone(&self.0);
        evictions.0.push(Box::new(move || (shared.on_eviction)(entry.client, overrun)));
        evictions.0.extend(entry.evict);
    }

    fn lock(&self) -> MutexGuard<'_, AdmissionState<K>> {
        self.0.state.lock()
    }
}

impl<K: AdmissionClient> AdmissionState<K> {
    /// Returns the limit that one more connection would exceed, and the first candidate for eviction.
    fn overrun(&self, limits: &AdmissionLimits, client: Option<K>) -> Option<(AdmissionLimit, Option<u64>)> {
        // The client's own limit first, so that its excess never costs another client a connection.
        let of_client = client.and_then(|client| self.clients.get(&client));
        let (overrun, order) = match of_client {
            Some(own) if own.len() >= limits.client_connections => (AdmissionLimit::ClientConnections, own),
            _ if self.entries.len() >= limits.connections => (AdmissionLimit::Connections, &self.order),
            _ => return None,
        };
        Some((overrun, order.first().map(|(_, id)| *id)))
    }

    fn is_evictable(&self, id: u64, now: Instant) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.evictable_from <= now)
    }

    /// Returns the oldest connection of the client with the most connections, if those are more than `newcomer` would
    /// have: a client that opens sessions as fast as it can thus evicts its own, not those of others.
    fn oldest_of_largest(&self, newcomer: Option<K>) -> Option<u64> {
        let held = |client: &K| self.clients.get(client).map_or(0, BTreeSet::len);
        let own = newcomer.as_ref().map_or(0, held);
        let largest = self.clients.values().max_by_key(|held| held.len())?;
        if largest.len() > own + 1 { largest.first().map(|(_, id)| *id) } else { None }
    }

    fn remove(&mut self, id: u64) -> Option<AdmissionEntry<K>> {
        let entry = self.entries.remove(&id)?;
        self.order.remove(&(entry.evictable_from, id));
        if let Some(client) = entry.client
            && let Some(own) = self.clients.get_mut(&client)
        {
            own.remove(&(entry.evictable_from, id));
            if own.is_empty() {
                self.clients.remove(&client);
            }
        }
        if entry.bytes > 0 {
            self.holders.remove(&id);
            self.bytes -= entry.bytes;
        }
        Some(entry)
    }
}

impl<K: AdmissionClient> AdmissionTicket<K> {
    /// Returns the client of the connection.
    pub fn client(&self) -> Option<K> {
        self.client
    }

    /// Sets the callback that closes the connection on eviction. If it was already evicted, the callback runs now.
    pub fn on_eviction(&self, evict: impl FnOnce() + Send + 'static) {
        let mut state = self.admission.lock();
        if let Some(entry) = state.entries.get_mut(&self.id) {
            entry.evict = Some(Box::new(evict));
        } else {
            drop(state);
            evict();
        }
    }

    /// Reports that the connection has opened a session, which starts the grace period; `evict` replaces the eviction
    /// callback.
    pub fn open(&self, evict: impl FnOnce() + Send + 'static) {
        let mut state = self.admission.lock();
        let AdmissionState { entries, order, clients, .. } = &mut *state;
        let Some(entry) = entries.get_mut(&self.id) else {
            drop(state);
            return evict();
        };
        entry.evict = Some(Box::new(evict));
        // Only the first session counts: an upgrade must not extend the grace period.
        if std::mem::replace(&mut entry.has_session, true) {
            return;
        }
        let after = entry.evictable_from + self.admission.0.limits.handshake_grace;
        let before = (std::mem::replace(&mut entry.evictable_from, after), self.id);
        let own = entry.client.and_then(|client| clients.get_mut(&client));
        for order in [Some(order), own].into_iter().flatten() {
            order.remove(&before);
            order.insert((after, self.id));
        }
    }

    /// Reports how many bytes the connection holds. While the total exceeds the limit, the oldest holders are evicted,
    /// possibly including this one.
    pub fn hold(&self, bytes: usize) {
        drop(self.hold_later(bytes));
    }

    /// Like [`Self::hold`], for callers that hold a lock: evicted connections are closed when the result is dropped.
    pub(crate) fn hold_later(&self, bytes: usize) -> PendingEvictions {
        let mut evictions = PendingEvictions::default();
        let mut state = self.admission.lock();
        let Some(entry) = state.entries.get_mut(&self.id) else { return evictions };
        let before = std::mem::replace(&mut entry.bytes, bytes);
        state.bytes = state.bytes - before + bytes;
        if bytes > 0 {
            state.holders.insert(self.id);
        } else {
            state.holders.remove(&self.id);
        }
        while state.bytes > self.admission.0.limits.bytes
            && let Some(oldest) = state.holders.first().copied()
        {
            self.admission.evict(&mut state, oldest, AdmissionLimit::Bytes, &mut evictions);
        }
        drop(state);
        evictions
    }
}

impl<K: AdmissionClient> Drop for AdmissionTicket<K> {
    fn drop(&mut self) {
        let entry = self.admission.lock().remove(self.id);
        // Dropped after the lock is released, since the entry's callback may own a session.
        drop(entry);
    }
}

impl<K> Clone for AdmissionBudget<K> {
    fn clone(&self) -> AdmissionBudget<K> {
        AdmissionBudget(Arc::clone(&self.0))
    }
}

impl<K> fmt::Debug for AdmissionBudget<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission").field("limits", &self.0.limits).finish_non_exhaustive()
    }
}

impl<K: AdmissionClient> fmt::Debug for AdmissionTicket<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
