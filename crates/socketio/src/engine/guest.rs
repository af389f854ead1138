//! Accounting for sessions that have not joined a namespace.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// State of a session while the limits of [`GuestGate`](crate::GuestGate) apply to it.
#[derive(Debug, Default)]
pub(crate) struct GuestState {
    is_lifted: AtomicBool,
    /// The client was accepted, but the limits remain.
    stays_restricted: AtomicBool,
    packets: Mutex<Option<PacketWindow>>,
    /// Bytes held by the handshake, by incomplete input, and by queued output.
    handshake: AtomicUsize,
    input: AtomicUsize,
    output: AtomicUsize,
}

/// Number of packets within the current second.
#[derive(Clone, Copy, Debug)]
struct PacketWindow {
    since: Instant,
    packets: u32,
}

/// Categories of memory held by a session.
#[derive(Clone, Copy)]
pub(crate) enum ReportedMemory {
    Handshake,
    Input,
    Output,
}

impl GuestState {
    pub(crate) fn is_restricted(&self) -> bool {
        !self.is_lifted.load(Acquire)
    }

    /// Keeps the limits after the client has joined a namespace.
    pub(super) fn stay_restricted(&self) {
        self.stays_restricted.store(true, Release);
    }

    /// Lifts the limits unless they are to remain; returns whether it did.
    pub(super) fn lift(&self) -> bool {
        let lifts = !self.stays_restricted.load(Acquire);
        if lifts {
            self.is_lifted.store(true, Release);
        }
        lifts
    }

    /// Sets the bytes held in one category; returns the total if it changed.
    pub(super) fn set(&self, held: ReportedMemory, bytes: usize) -> Option<usize> {
        let part = match held {
            ReportedMemory::Handshake => &self.handshake,
            ReportedMemory::Input => &self.input,
            ReportedMemory::Output => &self.output,
        };
        // Reporting takes a lock shared by all clients, so unchanged values are skipped.
        let changed = part.swap(bytes, Relaxed) != bytes;
        changed.then(|| [&self.handshake, &self.input, &self.output].iter().map(|part| part.load(Relaxed)).sum())
    }

    /// Counts a packet; returns whether it exceeds the limit.
    pub(super) fn exceeds(&self, packets_per_second: u32, now: Instant) -> bool {
        let mut packets = self.packets.lock();
        let current = packets.filter(|window| now.duration_since(window.since) < Duration::from_secs(1));
        let window = packets.insert(current.unwrap_or(PacketWindow { since: now, packets: 0 }));
        window.packets += 1;
        window.packets > packets_per_second
    }
}
