//! Sending to many sockets at once.

use std::collections::HashSet;

use serde::Serialize;

use super::handle::{SendError, Socket};
use super::namespace::Namespace;
use super::packet::{EncodeError, EventPacket};
use super::rooms::Members;
use crate::engine::EngineFrame;
use crate::id::SocketId;
use crate::reason::DisconnectReason;

/// A choice of sockets of one namespace: everyone, or the members of some rooms, with exceptions.
///
/// A socket's id is the name of a room that holds this socket alone. Whoever is in several of the
/// chosen rooms is chosen once.
#[derive(Clone, Debug)]
#[must_use = "choosing sockets does nothing with them"]
pub struct BroadcastTarget {
    namespace: Namespace,
    to: Vec<String>,
    except: Vec<String>,
}

/// What became of a packet sent to many.
#[derive(Clone, Debug, Default)]
pub struct DeliveryCount {
    /// How many sockets it was sent or queued for.
    pub sent: usize,
    /// The sockets whose queue has no room: they did not get it, and the caller decides what
    /// becomes of them.
    pub full: Vec<Socket>,
}

/// So many sockets are fetched from memory at once: what is fetched together is waited for once.
const AHEAD: usize = 8;

/// Has all of these fetched before the first of them is worked on.
fn in_cache(sockets: &[Socket]) -> &[Socket] {
    sockets.iter().for_each(Socket::touch);
    sockets
}

impl Namespace {
    /// Everyone in the namespace.
    pub fn broadcast(&self) -> BroadcastTarget {
        BroadcastTarget { namespace: self.clone(), to: Vec::new(), except: Vec::new() }
    }

    /// The members of a room; a socket's id is a room of its own.
    pub fn to(&self, room: impl Into<String>) -> BroadcastTarget {
        self.broadcast().to(room)
    }

    /// Everyone but the members of a room.
    pub fn except(&self, room: impl Into<String>) -> BroadcastTarget {
        self.broadcast().except(room)
    }

    /// The sockets in a room.
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

    /// Leaves the members of a room out.
    pub fn except(mut self, room: impl Into<String>) -> BroadcastTarget {
        self.except.push(room.into());
        self
    }

    /// Sends an encoded packet. It never waits: what a peer's kernel buffer does not take is
    /// queued for it, up to the cap.
    pub fn send(&self, packet: &EventPacket) -> DeliveryCount {
        self.send_frames(packet.frames())
    }

    /// Sends encoded packets one behind the other: to each socket all of them or none, and with one call to its kernel.
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

    /// Encodes and sends an event, and cuts off whoever has no room for it. Returns how many
    /// sockets it was sent to.
    pub fn emit(&self, event: &str, args: &(impl Serialize + ?Sized)) -> Result<usize, EncodeError> {
        let delivery = self.send(&EventPacket::event(self.namespace.name(), event, args)?);
        for socket in &delivery.full {
            socket.abort(DisconnectReason::QueueOverflow);
        }
        Ok(delivery.sent)
    }

    /// The chosen sockets.
    pub fn sockets(&self) -> Vec<Socket> {
        let mut sockets = Vec::new();
        self.each(|socket| sockets.push(socket.clone()));
        sockets
    }

    /// Puts the chosen sockets into a room, as far as their limits allow.
    pub fn join(&self, room: &str) {
        self.each(|socket| {
            // Refusal is for the one socket to feel, not for the others.
            let _ = socket.join(room);
        });
    }

    /// Takes the chosen sockets out of a room.
    pub fn leave(&self, room: &str) {
        self.each(|socket| socket.leave(room));
    }

    /// Makes the chosen sockets leave the namespace.
    pub fn disconnect(&self) {
        self.each(Socket::disconnect);
    }

    fn each(&self, mut visit: impl FnMut(&Socket)) {
        let lists = self.lists();
        // Only with several lists can a socket come up twice.
        let mut seen = (lists.len() > 1).then(HashSet::new);
        for socket in lists.iter().flat_map(|list| list.chunks(AHEAD)).flat_map(in_cache) {
            // One whose disconnect handler still runs keeps its rooms until that is done.
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
