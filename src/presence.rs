//! Presence: the users connected to this process and to others on the same store.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use superbot_domain::{Timestamp, UserId, Username};
use superbot_store::{Store, StoreError};
use superbot_wire::{ConnectedUser, ConnectedUsers};

use crate::auth::Principal;

/// Registry of live connections. Clones share it.
#[derive(Clone)]
pub struct PresenceRegister {
    /// Id of this process among those on the store.
    node: i64,
    state: Arc<Mutex<PresenceState>>,
}

#[derive(Default)]
struct PresenceState {
    next: u64,
    /// Number of connections opened and closed, for detecting changes.
    changes: u64,
    connections: HashMap<u64, (Option<Arc<Principal>>, Timestamp)>,
}

/// Registration of one connection, removed on drop.
pub struct PresenceEntry {
    presence: PresenceRegister,
    key: u64,
}

impl PresenceRegister {
    /// Creates an empty registry for the process with this id, which must be unique.
    pub fn of_node(node: i64) -> Self {
        Self { node, state: Arc::default() }
    }

    /// Returns the id of this process.
    pub fn node(&self) -> i64 {
        self.node
    }

    /// Returns the number of connections opened and closed so far.
    pub fn changes(&self) -> u64 {
        self.lock().changes
    }

    /// Registers a connection, anonymous if `principal` is `None`.
    pub fn enter(&self, principal: Option<Arc<Principal>>, now: Timestamp) -> PresenceEntry {
        let mut state = self.lock();
        let key = state.next;
        state.next += 1;
        state.changes += 1;
        state.connections.insert(key, (principal, now));
        PresenceEntry { presence: self.clone(), key }
    }

    /// Returns the connected users of all processes on the store.
    ///
    /// # Errors
    /// When the store is shared and cannot be read.
    pub async fn connected_users(&self, store: &Store, now: Timestamp) -> Result<ConnectedUsers, StoreError> {
        let mut users = self.connected_here();
        if store.is_shared() {
            for other in store.nodes().list_others(self.node, now).await? {
                // A process of another version may use another format; it is then left out instead of causing an error.
                add_users(&mut users, serde_json::from_str(&other).unwrap_or_default());
            }
        }
        Ok(users)
    }

    /// Returns the users connected to this process.
    pub fn connected_here(&self) -> ConnectedUsers {
        let state = self.lock();
        let mut users: HashMap<UserId, (&Username, usize, Timestamp)> = HashMap::new();
        for (principal, since) in state.connections.values() {
            let Some(user) = principal.as_deref().and_then(Principal::user) else { continue };
            let entry = users.entry(user.id).or_insert((&user.username, 0, *since));
            entry.1 += 1;
            // A user counts as connected since the oldest of their connections.
            entry.2 = entry.2.min(*since);
        }
        let mut users: Vec<_> = users
            .into_values()
            .map(|(name, connections, since)| ConnectedUser {
                username: name.to_string(),
                connections,
                connected_at: since.into(),
            })
            .collect();
        users.sort_by(|a, b| a.username.cmp(&b.username));
        ConnectedUsers { count: users.len(), connections: state.connections.len(), users }
    }

    fn lock(&self) -> MutexGuard<'_, PresenceState> {
        self.state.lock()
    }
}

/// Merges the users connected to another process.
fn add_users(all: &mut ConnectedUsers, other: ConnectedUsers) {
    all.connections += other.connections;
    let mut by_name: BTreeMap<String, ConnectedUser> = BTreeMap::new();
    for user in all.users.drain(..).chain(other.users) {
        match by_name.get_mut(&user.username) {
            None => drop(by_name.insert(user.username.clone(), user)),
            Some(known) => {
                known.connections += user.connections;
                known.connected_at = known.connected_at.min(user.connected_at);
            }
        }
    }
    all.users = by_name.into_values().collect();
    all.count = all.users.len();
}

impl Drop for PresenceEntry {
    fn drop(&mut self) {
        let mut state = self.presence.lock();
        state.changes += 1;
        state.connections.remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use superbot_domain::parse_timestamp;

    use super::*;

    fn user(username: &str, connections: usize, connected_at: &str) -> ConnectedUser {
        let connected_at = parse_timestamp(connected_at).unwrap().into();
        ConnectedUser { username: username.to_owned(), connections, connected_at }
    }

    #[test]
    fn a_user_of_two_processes_counts_once() {
        let early = "2026-01-01T00:00:00Z";
        let late = "2026-01-02T00:00:00Z";
        let mut all = ConnectedUsers { count: 1, connections: 3, users: vec![user("Bob", 2, late)] };
        let others = vec![user("Ann", 1, late), user("Bob", 4, early)];
        add_users(&mut all, ConnectedUsers { count: 2, connections: 5, users: others });
        let expected = vec![user("Ann", 1, late), user("Bob", 6, early)];
        assert_eq!(all, ConnectedUsers { count: 2, connections: 8, users: expected });
    }
}
