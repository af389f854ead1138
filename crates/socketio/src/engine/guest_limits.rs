//! Limits on what a client may send before it has joined a namespace, and accounting for its memory.

use tokio::time::Instant;

use super::guest::ReportedMemory;
use super::packet::MalformedPacket;
use super::session::EngineSession;
use crate::admission::PendingEvictions;
use crate::gate::GateRejection;

/// Events queued for the handlers of a restricted session at which reading pauses. Parsed JSON takes up to 16 times its
/// encoded size.
const WAITING_EVENTS: usize = 4;

impl EngineSession {
    /// Keeps the limits of [`GuestGate`](crate::GuestGate) after the client has been accepted.
    pub(crate) fn restrict(&self) {
        self.guest.stay_restricted();
    }

    /// Returns the maximum size in bytes of a message from the client at this time.
    pub(super) fn message_limit(&self) -> usize {
        let config = &self.core.config;
        if self.guest.is_restricted() { config.gate.message_bytes.min(config.max_payload) } else { config.max_payload }
    }

    /// Returns the number and bytes of queued events at which reading pauses.
    pub(super) fn inbound_limits(&self) -> (usize, usize) {
        let config = &self.core.config;
        let count = config.max_inbound.max(1);
        let bytes = config.max_inbound_bytes;
        if self.guest.is_restricted() {
            (count.min(WAITING_EVENTS), bytes.min(config.gate.message_bytes))
        } else {
            (count, bytes)
        }
    }

    /// Counts a packet or control frame against the limit per second.
    pub(super) fn count_packet(&self) -> Result<(), MalformedPacket> {
        let limit = self.core.config.gate.packets_per_second;
        if self.guest.is_restricted() && self.guest.exceeds(limit, Instant::now()) {
            self.reject_traffic();
            return Err(MalformedPacket);
        }
        Ok(())
    }

    /// Reports that the client exceeded a limit that applies only before joining.
    pub(crate) fn reject_traffic(&self) {
        if self.guest.is_restricted() {
            self.core.reject(GateRejection::Traffic, self.handshake().client());
        }
    }

    /// Updates the bytes held by the session. The caller must not hold a lock.
    pub(super) fn hold(&self, held: ReportedMemory, bytes: usize) {
        let evictions = self.report(held, bytes);
        drop(evictions);
    }

    /// Like [`Self::hold`], for callers that may hold a lock: evicted sessions are closed by another task.
    pub(super) fn hold_from_anywhere(&self, held: ReportedMemory, bytes: usize) {
        if let Some(evictions) = self.report(held, bytes)
            && !evictions.is_empty()
        {
            self.core.spawn(async move { drop(evictions) });
        }
    }

    fn report(&self, held: ReportedMemory, bytes: usize) -> Option<PendingEvictions> {
        if !self.guest.is_restricted() {
            return None;
        }
        let bytes = self.guest.set(held, bytes)?;
        self.lock().ticket.as_ref().map(|ticket| ticket.hold_later(bytes))
    }
}
