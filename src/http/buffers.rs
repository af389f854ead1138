//! Memory budgets of clients: request bodies while they are read, and responses until they are sent.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};

use super::client_key::ClientKey;

/// Maximum size of buffers that are not counted, in bytes: the number of connections bounds them.
pub const SMALL_BYTES: usize = 1 << 10;

/// Buffered bytes per client. Clones share the counts.
#[derive(Clone)]
pub struct BufferBudget {
    limits: BufferLimits,
    held: Arc<Mutex<HeldBytes>>,
}

/// Maximum numbers of bytes buffered at the same time.
#[derive(Debug, Clone, Copy)]
pub struct BufferLimits {
    /// For one client; a single buffer may exceed it if its client has no other.
    pub per_client: usize,
    /// For all unauthenticated clients together.
    pub anonymous: usize,
    /// For all clients together.
    pub total: usize,
}

/// Limits of responses that wait to be sent.
pub const ANSWERS: BufferLimits = BufferLimits { per_client: 16 << 20, anonymous: 64 << 20, total: 256 << 20 };

#[derive(Default)]
struct HeldBytes {
    by_client: HashMap<ClientKey, usize>,
    anonymous: usize,
    total: usize,
}

/// Counted bytes, released on drop.
pub struct BufferCharge {
    budget: BufferBudget,
    client: ClientKey,
    bytes: usize,
}

/// The limit that leaves no room for more bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The client has reached its own limit.
    OfClient,
    /// A limit shared with other clients is reached.
    OfAll,
}

impl BufferLimits {
    /// Limits of request bodies: one of maximum size per client, and eight in total.
    pub fn of_bodies(largest: usize) -> Self {
        Self { per_client: largest, anonymous: 0, total: largest.saturating_mul(8) }
    }
}

impl BufferBudget {
    pub fn new(limits: BufferLimits) -> Self {
        Self { limits, held: Arc::default() }
    }

    /// Counts bytes if the limits permit.
    ///
    /// # Errors
    /// The limit that would be exceeded.
    pub fn charge(&self, client: ClientKey, bytes: usize) -> Result<BufferCharge, NoRoom> {
        let mut charge = self.begin(client);
        charge.grow(bytes).map(|()| charge)
    }

    /// Starts a charge of 0 bytes.
    pub fn begin(&self, client: ClientKey) -> BufferCharge {
        BufferCharge { budget: self.clone(), client, bytes: 0 }
    }

    /// Counts bytes that are buffered regardless of the limits.
    pub fn charge_anyway(&self, client: ClientKey, bytes: usize) -> BufferCharge {
        self.lock().add(client, bytes);
        BufferCharge { budget: self.clone(), client, bytes }
    }
    pub fn per_client(&self) -> usize {
        self.limits.per_client
    }
    pub fn is_exhausted(&self, client: ClientKey) -> bool {
        self.lock().by_client.get(&client).is_some_and(|own| *own >= self.limits.per_client)
    }

    fn lock(&self) -> MutexGuard<'_, HeldBytes> {
        self.held.lock()
    }
}

impl HeldBytes {
    fn add(&mut self, client: ClientKey, bytes: usize) {
        if bytes == 0 {
            return;
        }
        *self.by_client.entry(client).or_default() += bytes;
        self.total += bytes;
        if client.is_anonymous() {
            self.anonymous += bytes;
        }
    }

    fn subtract(&mut self, client: ClientKey, bytes: usize) {
        self.total -= bytes;
        if client.is_anonymous() {
            self.anonymous -= bytes;
        }
        if let Some(own) = self.by_client.get_mut(&client) {
            *own -= bytes;
            if *own == 0 {
                self.by_client.remove(&client);
            }
        }
    }
}

impl BufferCharge {
    /// Returns the client that the bytes are charged to.
    pub fn client(&self) -> ClientKey {
        self.client
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Counts more bytes for the same buffer if the limits permit.
    ///
    /// # Errors
    /// The limit that would be exceeded.
    pub fn grow(&mut self, more: usize) -> Result<(), NoRoom> {
        let BufferLimits { per_client, anonymous, total } = self.budget.limits;
        // One lock for the check and the addition, so that concurrent charges cannot exceed a limit.
        let mut held = self.budget.lock();
        let own = held.by_client.get(&self.client).copied().unwrap_or(0);
        let is_within = |used: usize, limit: usize| used.saturating_add(more) <= limit;
        // A client's only buffer may exceed its limit, or a large answer could never be sent.
        if own > self.bytes && !is_within(own, per_client) {
            return Err(NoRoom::OfClient);
        }
        if !is_within(held.total, total) || (self.client.is_anonymous() && !is_within(held.anonymous, anonymous)) {
            return Err(NoRoom::OfAll);
        }
        held.add(self.client, more);
        self.bytes += more;
        Ok(())
    }
}

impl Drop for BufferCharge {
    fn drop(&mut self) {
        self.budget.lock().subtract(self.client, self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use superbot_domain::UserId;

    use super::*;
    use crate::auth::ChargedAccount;
    use crate::http::held_body::hold_with;

    const LIMITS: BufferLimits = BufferLimits { per_client: 100, anonymous: 150, total: 300 };

    fn user(id: i64) -> ClientKey {
        ClientKey::Account(ChargedAccount::User(UserId::from(id)))
    }

    #[test]
    fn each_client_and_all_together_are_bounded() {
        let budget = BufferBudget::new(LIMITS);
        let first = budget.charge(user(1), 60).unwrap();
        assert_eq!(budget.charge(user(1), 41).err(), Some(NoRoom::OfClient));
        let second = budget.charge(user(1), 40).unwrap();
        assert!(budget.is_exhausted(user(1)) && !budget.is_exhausted(user(2)));
        let third = budget.charge(user(2), 200).expect("a single buffer may be larger");
        assert_eq!(budget.charge(user(3), 1).err(), Some(NoRoom::OfAll));
        drop((first, third));
        assert!(budget.charge(user(1), 60).is_ok());
        drop(second);
        assert!(budget.lock().by_client.is_empty() && budget.lock().total == 0);
    }

    #[test]
    fn a_buffer_that_grows_is_bounded_where_its_client_has_others() {
        let budget = BufferBudget::new(LIMITS);
        let mut growing = budget.charge(user(1), 60).unwrap();
        let other = budget.charge(user(1), 30).unwrap();
        assert_eq!(growing.grow(20), Err(NoRoom::OfClient));
        assert_eq!(growing.grow(10), Ok(()));
        drop(other);
        assert_eq!(growing.grow(200), Ok(()));
        assert_eq!(growing.grow(40), Err(NoRoom::OfAll));
        drop(growing);
        assert_eq!(budget.lock().total, 0);
    }

    #[test]
    fn clients_that_have_not_signed_in_share_a_budget() {
        let budget = BufferBudget::new(LIMITS);
        let address = |last: u8| ClientKey::of_address(Some([10, 0, 0, last].into()));
        let held = [budget.charge(address(1), 80), budget.charge(address(2), 70)];
        assert_eq!(budget.charge(address(3), 1).err(), Some(NoRoom::OfAll));
        assert!(budget.charge(user(1), 100).is_ok());
        drop(held);
        assert_eq!(budget.lock().anonymous, 0);
    }

    #[test]
    fn bytes_are_counted_until_the_last_part_of_them_is_gone() {
        let budget = BufferBudget::new(LIMITS);
        let charge = Arc::new(budget.charge(user(1), 50).unwrap());
        let whole = hold_with(Bytes::from(vec![7; 50]), &charge);
        drop(charge);
        let part = whole.slice(10..20);
        drop(whole);
        assert_eq!(budget.lock().total, 50);
        drop(part);
        assert_eq!(budget.lock().total, 0);
    }
}
