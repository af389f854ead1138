//! The live connections of each user, and how many there may be.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use superbot_domain::UserId;

/// Counts the live connections of users; clones share the counts.
#[derive(Clone)]
pub struct UserConnections {
    limits: UserLimits,
    counts: Arc<Mutex<HashMap<UserId, UserCounts>>>,
}

/// How many live connections a user may have; 0 means without limit.
#[derive(Debug, Clone, Copy)]
pub struct UserLimits {
    /// Sockets and event streams together.
    pub connections: usize,
    /// Event streams.
    pub event_streams: usize,
}

/// What a live connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionKind {
    /// A Socket.IO socket.
    Socket,
    /// An event stream.
    EventStream,
}

/// The limit that one more connection would exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TooManyConnections {
    /// `limits.user_connections`.
    #[error("this user has {0} live connections already, which is the limit (limits.user_connections)")]
    Connections(usize),
    /// `limits.user_event_streams`.
    #[error("this user has {0} event streams already, which is the limit (limits.user_event_streams)")]
    EventStreams(usize),
}

/// One counted connection; dropping it takes it off the count.
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
    /// Counts within these limits.
    pub fn new(limits: UserLimits) -> Self {
        Self { limits, counts: Arc::default() }
    }

    /// Counts one more connection.
    ///
    /// # Errors
    /// When the user has as many as allowed.
    pub fn enter(&self, user: UserId, kind: ConnectionKind) -> Result<CountedConnection, TooManyConnections> {
        let UserLimits { connections, event_streams } = self.limits;
        let mut counts = self.lock();
        let of_user = counts.entry(user).or_default();
        if connections != 0 && of_user.connections >= connections {
            return Err(TooManyConnections::Connections(connections));
        }
        if kind == ConnectionKind::EventStream {
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
        if of_user.connections == 0 {
            counts.remove(&self.user);
        }
    }
}
