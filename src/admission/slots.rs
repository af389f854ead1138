//! Limits on concurrent work per client.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use superbot_socketio::AdmissionClient;

/// Concurrent operations per client, identified by `K`. Clones share the counts.
#[derive(Clone)]
pub struct ClientSlots<K> {
    limit: usize,
    counts: Arc<Mutex<HashMap<K, usize>>>,
}

/// One operation in progress; dropping it releases the slot.
pub struct ClientSlot<K: AdmissionClient> {
    slots: ClientSlots<K>,
    client: K,
}

impl<K: AdmissionClient> ClientSlots<K> {
    /// Allows `limit` operations per client; 0 disables the limit.
    pub fn new(limit: usize) -> Self {
        Self { limit: if limit == 0 { usize::MAX } else { limit }, counts: Arc::default() }
    }

    /// Reserves a slot, or returns `None` if the client has reached the limit.
    pub fn enter(&self, client: K) -> Option<ClientSlot<K>> {
        let mut counts = self.lock();
        let count = counts.get(&client).copied().unwrap_or(0);
        if count >= self.limit {
            return None;
        }
        counts.insert(client, count + 1);
        drop(counts);
        Some(ClientSlot { slots: Self { limit: self.limit, counts: Arc::clone(&self.counts) }, client })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.counts.lock()
    }
}

impl<K: AdmissionClient> Drop for ClientSlot<K> {
    fn drop(&mut self) {
        let mut counts = self.slots.lock();
        if let Some(count) = counts.get_mut(&self.client) {
            *count -= 1;
            // Only clients with operations in progress have an entry, so the map is bounded by the number of slots.
            if *count == 0 {
                counts.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_count() {
        let slots = ClientSlots::new(2);
        let held = [slots.enter('a'), slots.enter('a'), slots.enter('b')];
        assert!(held.iter().all(Option::is_some));
        assert!(slots.enter('a').is_none());
        drop(held);
        assert!(slots.enter('a').is_some());
        assert!(slots.lock().is_empty());
    }
}
