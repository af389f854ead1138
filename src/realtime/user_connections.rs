//! Limits on the live connections of each user.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use superbot_domain::UserId;

/// Counts the live connections of users. Clones share the counts.
#[derive(Clone)]
pub struct UserConnections {
    limits: UserLimits,
    counts: Arc<Mutex<HashMap<UserId, UserCounts>>>,
}

/// Maximum live connections per user; 0 disables a limit.
#[derive(Debug, Clone, Copy)]
pub struct UserLimits {
    /// Sockets and event streams together.
    pub connections: usize,
    /// Event streams alone.
    pub event_streams: usize,
}
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionKind {
    Socket,
    EventStream,
}

/// The limit that another connection would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooManyConnections {
    #[error("this user has {0} live connections already, which is the limit (limits.user_connections)")]
    Connections(usize),
    #[error("this user has {0} event streams already, which is the limit (limits.user_event_streams)")]
    EventStreams(usize),
}

/// One counted connection, released on drop.
pub struct CountedConnection {
    connections: UserConnections,
    user: UserId,
    kind: ConnectionKind,
}

#[derive(Default)]
struct UserCounts {
    connections: usize,
    event_streams: usize,
}

impl UserConnections {
    pub fn new(limits: UserLimits) -> Self {
        Self { limits, counts: Arc::default() }
    }

    /// Counts another connection.
    ///
    /// # Errors
    /// When a limit is reached.
    pub fn enter(&self, user: UserId, kind: ConnectionKind) -> Result<CountedConnection, TooManyConnections> {
        let UserLimits { connections, event_streams } = self.limits;
        let mut counts = self.lock();
        let of_user = counts.entry(user).or_default();
        if connections != 0 && of_user.connections >= connections {
            return Err(TooManyConnections::Connections(connections));
        }
        if kind == ConnectionKind::EventStream {
            // Before anything is counted, so that a refusal leaves the counts unchanged.
            if event_streams != 0 && of_user.event_streams >= event_streams {
                return Err(TooManyConnections::EventStreams(event_streams));
            }
            of_user.event_streams += 1;
        }
        of_user.connections += 1;
        Ok(CountedConnection { connections: self.clone(), user, kind })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, UserCounts>> {
        self.counts.lock()
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let mut counts = self.connections.lock();
        let Some(of_user) = counts.get_mut(&self.user) else { return };
        of_user.connections -= 1;
        if self.kind == ConnectionKind::EventStream {
            of_user.event_streams -= 1;
        }
        // Only connected users have an entry, which bounds the map.
        if of_user.connections == 0 {
            counts.remove(&self.user);
        }
    }
}
