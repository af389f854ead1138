//! Who is connected to this process right now.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use superbot_domain::{Timestamp, UserId, Username, rfc3339};

/// The answer of `get_connected_users()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConnectedUsers {
    /// How many users have at least one connection.
    pub count: usize,
    /// How many connections there are, anonymous ones included.
    pub connections: usize,
    /// The users, by name.
    pub users: Vec<ConnectedUser>,
}

/// A user with at least one connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConnectedUser {
    /// The name the user signs in with.
    pub username: String,
    /// How many connections the user has.
    pub connections: usize,
    /// When the oldest of them was made.
    pub connected_at: String,
}

/// A shared register of live connections.
#[derive(Clone, Default)]
pub struct Presence(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    next: u64,
    connections: HashMap<u64, Option<(UserId, Username, Timestamp)>>,
}

/// One connection's entry; dropping it takes the entry out.
pub struct Present {
    presence: Presence,
    key: u64,
}

impl Presence {
    /// Enters a connection of `user`, or an anonymous one.
    pub fn enter(&self, user: Option<(UserId, Username)>, now: Timestamp) -> Present {
        let mut state = self.lock();
        let key = state.next;
        state.next += 1;
        state.connections.insert(key, user.map(|(id, name)| (id, name, now)));
        Present { presence: self.clone(), key }
    }

    /// Who is connected now.
    pub fn connected_users(&self) -> ConnectedUsers {
        let state = self.lock();
        let mut users: HashMap<UserId, (&Username, usize, Timestamp)> = HashMap::new();
        for (id, name, since) in state.connections.values().flatten() {
            let entry = users.entry(*id).or_insert((name, 0, *since));
            entry.1 += 1;
            entry.2 = entry.2.min(*since);
        }
        let mut users: Vec<_> = users
            .into_values()
            .map(|(name, connections, since)| ConnectedUser {
                username: name.to_string(),
                connections,
                connected_at: rfc3339(since),
            })
            .collect();
        users.sort_by(|a, b| a.username.cmp(&b.username));
        ConnectedUsers { count: users.len(), connections: state.connections.len(), users }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.presence.lock().connections.remove(&self.key);
    }
}
