//! Who is in a namespace and in which rooms.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use thiserror::Error;

use crate::id::SocketId;
use crate::socket::Socket;

/// Why a socket could not join a room.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum JoinError {
    /// The socket is in as many rooms as it may be.
    #[error("the socket is in too many rooms")]
    TooManyRooms,
    /// The socket is not connected.
    #[error("the socket is not connected")]
    Closed,
}

/// A list of sockets that a broadcast walks without holding a lock; it is copied when someone
/// comes or goes during a broadcast, and changed in place otherwise.
pub(crate) type Members = Arc<Vec<Socket>>;

/// A socket's place in a room's list.
pub(crate) struct Membership {
    room: Arc<str>,
    at: usize,
}

/// The rooms of a namespace. A socket's own room is its id and needs no entry.
#[derive(Default)]
pub(crate) struct Rooms {
    everyone: Members,
    places: HashMap<SocketId, usize>,
    members: HashMap<Arc<str>, Members>,
}

impl Rooms {
    pub(crate) fn insert(&mut self, socket: Socket) {
        self.places.insert(socket.id(), self.everyone.len());
        // Lists for what most sockets have, as idle sockets are many.
        *memberships(&socket) = Some(Vec::with_capacity(2));
        Arc::make_mut(&mut self.everyone).push(socket);
    }

    /// Takes a socket out of everything; nothing happens when it is not there.
    pub(crate) fn remove(&mut self, socket: &Socket) {
        let Some(at) = self.places.remove(&socket.id()) else { return };
        let everyone = Arc::make_mut(&mut self.everyone);
        everyone.swap_remove(at);
        if let Some(moved) = everyone.get(at) {
            self.places.insert(moved.id(), at);
        }
        let memberships = memberships(socket).take();
        for membership in memberships.into_iter().flatten() {
            self.remove_member(&membership);
        }
    }

    pub(crate) fn join(&mut self, socket: &Socket, room: &str, limit: usize) -> Result<(), JoinError> {
        let mut memberships = memberships(socket);
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
        memberships.push(Membership { room: name, at: members.len() });
        members.push(socket.clone());
        Ok(())
    }

    pub(crate) fn leave(&mut self, socket: &Socket, room: &str) {
        let left = memberships(socket).as_mut().and_then(|memberships| {
            let index = memberships.iter().position(|membership| &*membership.room == room)?;
            Some(memberships.swap_remove(index))
        });
        if let Some(membership) = left {
            self.remove_member(&membership);
        }
    }

    pub(crate) fn everyone(&self) -> Members {
        Arc::clone(&self.everyone)
    }

    pub(crate) fn room(&self, room: &str) -> Option<Members> {
        self.members.get(room).map(Arc::clone)
    }

    pub(crate) fn socket(&self, id: SocketId) -> Option<Socket> {
        self.places.get(&id).and_then(|at| self.everyone.get(*at)).cloned()
    }

    fn remove_member(&mut self, membership: &Membership) {
        let Some(members) = self.members.get_mut(&membership.room) else { return };
        let members = Arc::make_mut(members);
        members.swap_remove(membership.at);
        if let Some(moved) = members.get(membership.at) {
            let mut moved = memberships(moved);
            let theirs = moved.iter_mut().flatten().find(|theirs| theirs.room == membership.room);
            if let Some(theirs) = theirs {
                theirs.at = membership.at;
            }
        } else if members.is_empty() {
            self.members.remove(&membership.room);
        }
    }
}

/// A socket's rooms, in the order in which it joined; changed only under the namespace's lock.
pub(crate) fn rooms_of(socket: &Socket) -> Vec<Arc<str>> {
    memberships(socket).iter().flatten().map(|membership| Arc::clone(&membership.room)).collect()
}

pub(crate) fn is_member(socket: &Socket, room: &str) -> bool {
    memberships(socket).iter().flatten().any(|membership| &*membership.room == room)
}

fn memberships(socket: &Socket) -> MutexGuard<'_, Option<Vec<Membership>>> {
    socket.inner().memberships.lock().unwrap_or_else(PoisonError::into_inner)
}
