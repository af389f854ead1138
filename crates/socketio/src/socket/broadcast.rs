//! Broadcasts.

use std::collections::HashSet;

use serde::Serialize;

use super::handle::{SendError, Socket};
use super::namespace::Namespace;
use super::packet::{EncodeError, EventPacket};
use super::rooms::Members;
use crate::engine::EngineFrame;
use crate::id::SocketId;
use crate::reason::DisconnectReason;

/// A selection of sockets of one namespace: all, or the members of rooms, with exceptions.
///
/// A socket's id is the name of a room that contains only this socket. A socket in several of the selected rooms is
/// selected once.
#[derive(Clone, Debug)]
#[must_use = "choosing sockets does nothing with them"]
pub struct BroadcastTarget {
    namespace: Namespace,
    to: Vec<String>,
    except: Vec<String>,
}

/// Result of sending a packet to many sockets.
#[derive(Clone, Debug, Default)]
pub struct DeliveryCount {
    /// Number of sockets for which it was sent or queued.
    pub sent: usize,
    /// Sockets whose queue is full: they did not receive it, and the caller decides how to proceed.
    pub full: Vec<Socket>,
}

/// Number of sockets prefetched at once, so that their cache misses overlap.
const AHEAD: usize = 8;

/// Loads the sockets' cache lines before the first one is processed.
fn in_cache(sockets: &[Socket]) -> &[Socket] {
    sockets.iter().for_each(Socket::touch);
    sockets
}

impl Namespace {
    /// Selects all sockets in the namespace.
    pub fn broadcast(&self) -> BroadcastTarget {
        BroadcastTarget { namespace: self.clone(), to: Vec::new(), except: Vec::new() }
    }

    /// Selects the members of a room, which may be a socket's id.
    pub fn to(&self, room: impl Into<String>) -> BroadcastTarget {
        self.broadcast().to(room)
    }

    /// Selects all sockets except the members of a room.
    pub fn except(&self, room: impl Into<String>) -> BroadcastTarget {
        self.broadcast().except(room)
    }

    /// Returns the sockets in a room.
    pub fn sockets_in(&self, room: &str) -> Vec<Socket> {
        self.to(room).sockets()
    }
}

impl BroadcastTarget {
    /// Adds the members of a room.
    pub fn to(mut self, room: impl Into<String>) -> BroadcastTarget {
        self.to.push(room.into());
        self
    }

    /// Excludes the members of a room.
    pub fn except(mut self, room: impl Into<String>) -> BroadcastTarget {
        self.except.push(room.into());
        self
    }

    /// Sends an encoded packet. Never blocks: what a peer's kernel buffer does not accept is queued, up to the limit.
    pub fn send(&self, packet: &EventPacket) -> DeliveryCount {
        self.send_frames(packet.frames())
    }

    /// Sends encoded packets contiguously: each socket receives all or none, written in one system call.
    pub fn send_all<'p>(&self, packets: impl IntoIterator<Item = &'p EventPacket>) -> DeliveryCount {
        let frames: Vec<EngineFrame> = packets.into_iter().flat_map(EventPacket::frames).cloned().collect();
        if frames.is_empty() { DeliveryCount::default() } else { self.send_frames(&frames) }
    }

    fn send_frames(&self, frames: &[EngineFrame]) -> DeliveryCount {
        let mut delivery = DeliveryCount::default();
        self.each(|socket| match socket.send_frames(frames) {
            Ok(()) => delivery.sent += 1,
            Err(SendError::Full) => delivery.full.push(socket.clone()),
            Err(_) => {}
        });
        delivery
    }

    /// Encodes and sends an event, and disconnects sockets whose queue is full. Returns the number of sockets that it
    /// was sent to.
    pub fn emit(&self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<usize, EncodeError> {
        let delivery = self.send(&EventPacket::event(self.namespace.name(), event, args)?);
        for socket in &delivery.full {
            socket.abort(DisconnectReason::QueueOverflow);
        }
        Ok(delivery.sent)
    }

    /// Returns the selected sockets.
    pub fn sockets(&self) -> Vec<Socket> {
        let mut sockets = Vec::new();
        self.each(|socket| sockets.push(socket.clone()));
        sockets
    }

    /// Adds the selected sockets to a room, as far as their limits permit.
    pub fn join(&self, room: &str) {
        self.each(|socket| {
            // A socket at its limit must not affect the others.
            let _ = socket.join(room);
        });
    }

    /// Removes the selected sockets from a room.
    pub fn leave(&self, room: &str) {
        self.each(|socket| socket.leave(room));
    }

    /// Disconnects the selected sockets from the namespace.
    pub fn disconnect(&self) {
        self.each(Socket::disconnect);
    }

    fn each(&self, mut visit: impl FnMut(&Socket)) {
        let lists = self.lists();
        // A socket can only occur twice if there are several lists.
        let mut seen = (lists.len() > 1).then(HashSet::new);
        for socket in lists.iter().flat_map(|list| list.chunks(AHEAD)).flat_map(in_cache) {
            // A socket stays in its rooms until its disconnect handler has finished.
            let chosen = socket.is_connected() && !self.except.iter().any(|room| socket.in_room(room));
            if chosen && seen.as_mut().is_none_or(|seen| seen.insert(socket.id())) {
                visit(socket);
            }
        }
    }

    fn lists(&self) -> Vec<Members<Socket>> {
        let rooms = self.namespace.rooms();
        if self.to.is_empty() {
            return vec![rooms.everyone()];
        }
        let own = |room: &String| {
            let socket = rooms.socket(SocketId::parse(room)?)?;
            Some(Members::new(vec![socket]))
        };
        self.to.iter().flat_map(|room| [rooms.room(room), own(room)]).flatten().collect()
    }
}
