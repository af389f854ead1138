//! The newest events, encoded once and kept in memory for connections that are only slightly behind.

use std::collections::VecDeque;
use std::sync::Arc;

use superbot_domain::{Audience, EventKind, LogEvent, Seq, UserId};
use superbot_socketio::EventPacket;
use superbot_store::StoreError;

use super::settings::BatchLimits;
use crate::records::HubStore;

/// An event as sent, encoded once for all recipients.
pub struct EncodedEvent {
    /// Sequence number in the log.
    pub seq: Seq,
    /// Kind, which determines its name on the wire.
    pub kind: EventKind,
    pub audience: Audience,
    /// Payload including `seq`, a JSON object.
    pub json: String,
    /// The same payload as a Socket.IO packet, which shares its bytes between sockets.
    pub packet: EventPacket,
}

/// Identity that decides which events a connection receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventViewer {
    /// An unauthenticated client: receives events for everyone only.
    Anonymous,
    /// An authenticated client; `None` is a token without an owner.
    SignedIn(Option<UserId>),
}

impl EventViewer {
    /// Returns the user whose notifications it receives.
    pub fn user_id(self) -> Option<UserId> {
        match self {
            Self::Anonymous => None,
            Self::SignedIn(user) => user,
        }
    }

    /// Returns whether the viewer must receive all events of this audience. Scraper status is excluded, because a current
    /// snapshot replaces missed ones.
    pub fn is_entitled_to(self, audience: Audience) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::User(id) => self.user_id() == Some(id),
            Audience::ScraperStatus | Audience::Control => false,
        }
    }
}

impl EncodedEvent {
    pub fn new(event: &LogEvent) -> Self {
        let json = event.payload_with_seq();
        let packet = EventPacket::event_raw("/", event.kind.wire_name(), &json);
        Self { seq: event.seq, kind: event.kind, audience: event.audience, json, packet }
    }
}

/// A gapless range at the end of the log, bounded in events and bytes.
pub struct EventRing {
    /// All events after this one, up to the newest, are in the ring.
    floor: Seq,
    events: VecDeque<Arc<EncodedEvent>>,
    bytes: usize,
    most_events: usize,
    most_bytes: usize,
}

impl EventRing {
    /// Creates an empty ring at the end of the log.
    pub fn at(head: Seq, portions: BatchLimits) -> Self {
        let BatchLimits { ring_events: most_events, ring_bytes: most_bytes, .. } = portions;
        Self { floor: head, events: VecDeque::new(), bytes: 0, most_events, most_bytes }
    }

    /// Loads the newest events up to `head`: after a restart all clients reconnect, and most have missed few others.
    pub async fn load(records: &HubStore, portions: BatchLimits, oldest: Seq, head: Seq) -> Result<Self, StoreError> {
        let floor = head.saturating_sub(portions.ring_events as Seq).max(oldest - 1);
        let mut ring = Self::at(floor, portions);
        let mut at = floor;
        while at < head {
            let events = records.read_log(at, portions.batch).await?;
            let Some(last) = events.last() else { break };
            at = last.seq;
            let known = events.iter().take_while(|event| event.seq <= head);
            known.for_each(|event| ring.push(Arc::new(EncodedEvent::new(event))));
        }
        // Events that another process pruned in the meantime are missing, so the ring would have a gap.
        if records.log_bounds().await?.oldest > floor + 1 { Ok(Self::at(head, portions)) } else { Ok(ring) }
    }

    /// Appends the next event of the log, evicting the oldest beyond the bounds.
    pub fn push(&mut self, event: Arc<EncodedEvent>) {
        self.bytes += event.json.len();
        self.events.push_back(event);
        // One event is always kept, even if it exceeds the bound by itself.
        while self.events.len() > self.most_events || (self.bytes > self.most_bytes && self.events.len() > 1) {
            if let Some(oldest) = self.events.pop_front() {
                self.bytes -= oldest.json.len();
                self.floor = oldest.seq;
            }
        }
    }

    /// Returns the events after `cursor`, or `None` if the ring does not reach back that far.
    pub fn after(&self, cursor: Seq) -> Option<impl ExactSizeIterator<Item = &Arc<EncodedEvent>>> {
        let start = self.events.partition_point(|event| event.seq <= cursor);
        (cursor >= self.floor).then(|| self.events.range(start..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use superbot_domain::Timestamp;

    fn event(seq: Seq) -> Arc<EncodedEvent> {
        Arc::new(EncodedEvent::new(&LogEvent {
            seq,
            kind: EventKind::SystemMessage,
            audience: Audience::Everyone,
            at: Timestamp::UNIX_EPOCH,
            payload: "{}".into(),
        }))
    }

    #[test]
    fn a_ring_says_when_it_does_not_reach_back() {
        let portions = BatchLimits { ring_events: 5, ..BatchLimits::default() };
        let mut ring = EventRing::at(10, portions);
        assert_eq!(ring.after(10).unwrap().count(), 0);
        assert!(ring.after(9).is_none());
        (11..=16).for_each(|seq| ring.push(event(seq)));
        assert!(ring.after(10).is_none(), "event 11 has gone");
        let seqs: Vec<Seq> = ring.after(11).unwrap().map(|event| event.seq).collect();
        assert_eq!(seqs, [12, 13, 14, 15, 16]);
    }

    #[test]
    fn nobody_sees_the_notifications_of_others() {
        let mine = UserId::from(1);
        let other = UserId::from(2);
        assert!(EventViewer::SignedIn(Some(mine)).is_entitled_to(Audience::User(mine)));
        assert!(!EventViewer::SignedIn(Some(mine)).is_entitled_to(Audience::User(other)));
        assert!(!EventViewer::SignedIn(None).is_entitled_to(Audience::User(mine)));
        assert!(!EventViewer::Anonymous.is_entitled_to(Audience::User(mine)));
        assert!(!EventViewer::SignedIn(Some(mine)).is_entitled_to(Audience::Control));
    }
}
