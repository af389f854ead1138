//! Sessions of clients that have not joined a namespace: what they may send, and what they hold.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::packet::Malformed;
use super::session::Session;
use crate::gate::Rejection;

/// Events that wait for the handlers of a restricted session before reading pauses. Parsed JSON takes up to 16 times the
/// bytes it came in.
const WAITING_EVENTS: usize = 4;

/// What is known of a session while the limits of [`Gate`](crate::Gate) apply to it.
#[derive(Debug, Default)]
pub(crate) struct Guest {
    is_lifted: AtomicBool,
    /// The client may stay, but is to keep the limits.
    stays_restricted: AtomicBool,
    packets: Mutex<Option<Window>>,
    /// Bytes of the handshake, of input that is incomplete, and of what waits for the peer.
    handshake: AtomicUsize,
    input: AtomicUsize,
    output: AtomicUsize,
}

/// Packets counted within one second.
#[derive(Clone, Copy, Debug)]
struct Window {
    since: Instant,
    packets: u32,
}

/// What of a session's memory is reported.
#[derive(Clone, Copy)]
pub(crate) enum Held {
    Handshake,
    Input,
    Output,
}

impl Guest {
    pub(crate) fn is_restricted(&self) -> bool {
        !self.is_lifted.load(Acquire)
    }

    /// Lifts the limits, unless they are to stay; whether they are lifted.
    pub(super) fn lift(&self) -> bool {
        let lifts = !self.stays_restricted.load(Acquire);
        if lifts {
            self.is_lifted.store(true, Release);
        }
        lifts
    }

    /// Sets what is held; what is held in all, if that has changed.
    fn set(&self, held: Held, bytes: usize) -> Option<usize> {
        let part = match held {
            Held::Handshake => &self.handshake,
            Held::Input => &self.input,
            Held::Output => &self.output,
        };
        let changed = part.swap(bytes, Relaxed) != bytes;
        changed.then(|| [&self.handshake, &self.input, &self.output].iter().map(|part| part.load(Relaxed)).sum())
    }

    /// Counts a packet; whether that is one too many.
    fn exceeds(&self, packets_per_second: u32, now: Instant) -> bool {
        let mut packets = self.packets.lock().unwrap_or_else(PoisonError::into_inner);
        let current = packets.filter(|window| now.duration_since(window.since) < Duration::from_secs(1));
        let window = packets.insert(current.unwrap_or(Window { since: now, packets: 0 }));
        window.packets += 1;
        window.packets > packets_per_second
    }
}

impl Session {
    /// Keeps the limits of [`Gate`](crate::Gate) after the client is let in.
    pub(crate) fn restrict(&self) {
        self.guest.stays_restricted.store(true, Release);
    }

    /// The most bytes of a message that the client may send now.
    pub(super) fn message_limit(&self) -> usize {
        let config = &self.core.config;
        if self.guest.is_restricted() { config.gate.message_bytes.min(config.max_payload) } else { config.max_payload }
    }

    /// The most events, and bytes of them, that may wait for handlers before reading pauses.
    pub(super) fn inbound_limits(&self) -> (usize, usize) {
        let config = &self.core.config;
        let (count, bytes) = (config.max_inbound.max(1), config.max_inbound_bytes);
        if self.guest.is_restricted() {
            (count.min(WAITING_EVENTS), bytes.min(config.gate.message_bytes))
        } else {
            (count, bytes)
        }
    }

    /// Counts a packet of the client, or another sign of it.
    pub(super) fn count_packet(&self) -> Result<(), Malformed> {
        let limit = self.core.config.gate.packets_per_second;
        if self.guest.is_restricted() && self.guest.exceeds(limit, Instant::now()) {
            self.reject_traffic();
            return Err(Malformed);
        }
        Ok(())
    }

    /// Reports that the client sent more than it may, where it would have been allowed to after joining.
    pub(crate) fn reject_traffic(&self) {
        if self.guest.is_restricted() {
            self.core.reject(Rejection::Traffic, self.handshake().client());
        }
    }

    /// Reports what the session holds. Called where nothing is locked.
    pub(super) fn hold(&self, held: Held, bytes: usize) {
        let evictions = self.report(held, bytes);
        drop(evictions);
    }

    /// As [`Self::hold`], from where something may be locked: who is evicted is ended by another task.
    pub(super) fn hold_from_anywhere(&self, held: Held, bytes: usize) {
        if let Some(evictions) = self.report(held, bytes)
            && !evictions.is_empty()
        {
            self.core.spawn(async move { drop(evictions) });
        }
    }

    fn report(&self, held: Held, bytes: usize) -> Option<crate::admission::Evictions> {
        if !self.guest.is_restricted() {
            return None;
        }
        let bytes = self.guest.set(held, bytes)?;
        self.lock().ticket.as_ref().map(|ticket| ticket.hold_later(bytes))
    }
}
