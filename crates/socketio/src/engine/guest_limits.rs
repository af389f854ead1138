//! What a client may send before it has joined a namespace, and the reports of what its session holds.

use tokio::time::Instant;

use super::guest::ReportedMemory;
use super::packet::MalformedPacket;
use super::session::EngineSession;
use crate::admission::PendingEvictions;
use crate::gate::GateRejection;

/// Events that wait for the handlers of a restricted session before reading pauses. Parsed JSON takes up to 16 times the
/// bytes it came in.
const WAITING_EVENTS: usize = 4;

impl EngineSession {
    /// Keeps the limits of [`GuestGate`](crate::GuestGate) after the client is let in.
    pub(crate) fn restrict(&self) {
        self.guest.stay_restricted();
    }

    /// The most bytes of a message that the client may send now.
    pub(super) fn message_limit(&self) -> usize {
        let config = &self.core.config;
        if self.guest.is_restricted() { config.gate.message_bytes.min(config.max_payload) } else { config.max_payload }
    }

    /// The most events, and bytes of them, that may wait for handlers before reading pauses.
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

    /// Counts a packet of the client, or another sign of it.
    pub(super) fn count_packet(&self) -> Result<(), MalformedPacket> {
        let limit = self.core.config.gate.packets_per_second;
        if self.guest.is_restricted() && self.guest.exceeds(limit, Instant::now()) {
            self.reject_traffic();
            return Err(MalformedPacket);
        }
        Ok(())
    }

    /// Reports that the client sent more than it may, where it would have been allowed to after joining.
    pub(crate) fn reject_traffic(&self) {
        if self.guest.is_restricted() {
            self.core.reject(GateRejection::Traffic, self.handshake().client());
        }
    }

    /// Reports what the session holds. Called where nothing is locked.
    pub(super) fn hold(&self, held: ReportedMemory, bytes: usize) {
        let evictions = self.report(held, bytes);
        drop(evictions);
    }

    /// As [`Self::hold`], from where something may be locked: who is evicted is ended by another task.
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
