//! Membership of namespaces and rooms.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::MutexGuard;
use thiserror::Error;

use crate::id::SocketId;

/// Reason why a socket could not join a room.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum JoinError {
    /// The socket is in [`SocketIoConfig::max_rooms_per_socket`](crate::SocketIoConfig::max_rooms_per_socket) rooms.
    #[error("the socket is in too many rooms")]
    TooManyRooms,
    /// The socket is not connected.
    #[error("the socket is not connected")]
    Closed,
}

/// A list of sockets that broadcasts iterate over without holding a lock. A change copies the list if a broadcast is
/// using it, and modifies it in place otherwise.
pub(crate) type Members<M> = Arc<Vec<M>>;

/// A member of rooms. A trait, so that this module does not depend on [`Socket`](super::Socket).
pub(crate) trait RoomMember: Clone {
    /// Returns the socket's id.
    fn id(&self) -> SocketId;

    /// Returns the member's positions in the lists of rooms, in no particular order; `None` if it is not in the
    /// namespace. They are changed only under the namespace's lock.
    fn memberships(&self) -> MutexGuard<'_, Option<Vec<RoomMembership>>>;
}

/// Position of a socket in a room's list.
pub(crate) struct RoomMembership {
    room: Arc<str>,
    at: usize,
}

/// Rooms of a namespace. The room named by a socket's id is implicit.
pub(crate) struct RoomTable<M> {
    everyone: Members<M>,
    places: HashMap<SocketId, usize>,
    members: HashMap<Arc<str>, Members<M>>,
}

impl<M: RoomMember> RoomTable<M> {
    pub(crate) fn insert(&mut self, socket: M) {
        self.places.insert(socket.id(), self.everyone.len());
        // Capacity for what most sockets have, as there are many idle sockets.
        *socket.memberships() = Some(Vec::with_capacity(2));
        Arc::make_mut(&mut self.everyone).push(socket);
    }

    /// Removes a socket from the namespace and all rooms, if it is there.
    pub(crate) fn remove(&mut self, socket: &M) {
        let Some(at) = self.places.remove(&socket.id()) else { return };
        let everyone = Arc::make_mut(&mut self.everyone);
        // Constant time: the last entry takes the place, and its recorded position is updated.
        everyone.swap_remove(at);
        if let Some(moved) = everyone.get(at) {
            self.places.insert(moved.id(), at);
        }
        let memberships = socket.memberships().take();
        for membership in memberships.into_iter().flatten() {
            self.remove_member(&membership);
        }
    }

    pub(crate) fn join(&mut self, socket: &M, room: &str, limit: usize) -> Result<(), JoinError> {
        let mut memberships = socket.memberships();
        let memberships = memberships.as_mut().ok_or(JoinError::Closed)?;
        if memberships.iter().any(|membership| &*membership.room == room) {
            return Ok(());
        }
        if memberships.len() >= limit {
            return Err(JoinError::TooManyRooms);
        }
        let name = self.members.get_key_value(room).map_or_else(|| Arc::from(room), |(name, _)| Arc::clone(name));
        let alone = || Members::new(Vec::with_capacity(1));
        let members = Arc::make_mut(self.members.entry(Arc::clone(&name)).or_insert_with(alone));
        memberships.push(RoomMembership { room: name, at: members.len() });
        members.push(socket.clone());
        Ok(())
    }

    pub(crate) fn leave(&mut self, socket: &M, room: &str) {
        let left = socket.memberships().as_mut().and_then(|memberships| {
            let index = memberships.iter().position(|membership| &*membership.room == room)?;
            Some(memberships.swap_remove(index))
        });
        if let Some(membership) = left {
            self.remove_member(&membership);
        }
    }

    pub(crate) fn everyone(&self) -> Members<M> {
        Arc::clone(&self.everyone)
    }

    pub(crate) fn room(&self, room: &str) -> Option<Members<M>> {
        self.members.get(room).map(Arc::clone)
    }

    pub(crate) fn socket(&self, id: SocketId) -> Option<M> {
        self.places.get(&id).and_then(|at| self.everyone.get(*at)).cloned()
    }

    fn remove_member(&mut self, membership: &RoomMembership) {
        let Some(members) = self.members.get_mut(&membership.room) else { return };
        let members = Arc::make_mut(members);
        members.swap_remove(membership.at);
        if let Some(moved) = members.get(membership.at) {
            let mut moved = moved.memberships();
            let theirs = moved.iter_mut().flatten().find(|theirs| theirs.room == membership.room);
            if let Some(theirs) = theirs {
                theirs.at = membership.at;
            }
        } else if members.is_empty() {
            self.members.remove(&membership.room);
        }
    }
}

impl<M> Default for RoomTable<M> {
    fn default() -> RoomTable<M> {
        RoomTable { everyone: Members::default(), places: HashMap::new(), members: HashMap::new() }
    }
}

impl RoomMembership {
    pub(crate) fn room(&self) -> &Arc<str> {
        &self.room
    }
}
