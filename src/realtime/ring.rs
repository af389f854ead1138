//! The newest events, encoded once, kept in memory for whoever is only a little behind.

use std::collections::VecDeque;
use std::sync::Arc;

use superbot_domain::{Audience, EventKind, LogEvent, Seq, UserId};
use superbot_socketio::EventPacket;

use super::settings::BatchLimits;

/// An event as its recipients get it, encoded once for all of them.
pub struct EncodedEvent {
    /// Its place in the log.
    pub seq: Seq,
    /// What it is.
    pub kind: EventKind,
    /// Who is to have it.
    pub audience: Audience,
    /// The payload with its `seq`, one JSON object.
    pub json: String,
    /// The same as a Socket.IO packet.
    pub packet: EventPacket,
}

/// Whose events a connection may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventViewer {
    /// Nobody signed in: only what everyone gets.
    Anonymous,
    /// A user, or a token without one.
    SignedIn(Option<UserId>),
}

impl EventViewer {
    /// The user whose notifications are included.
    pub fn user_id(self) -> Option<UserId> {
        match self {
            Self::Anonymous => None,
            Self::SignedIn(user) => user,
        }
    }

    /// Whether an event is one of the viewer's that must not be missed. Scraper status is not:
    /// its snapshot says it all.
    pub fn is_entitled_to(self, audience: Audience) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::User(id) => self.user_id() == Some(id),
            Audience::ScraperStatus | Audience::Control => false,
        }
    }
}

impl EncodedEvent {
    /// Encodes an event of the log.
    pub fn new(event: &LogEvent) -> Self {
        let json = event.payload_with_seq();
        let packet = EventPacket::event_raw("/", event.kind.wire_name(), &json);
        Self { seq: event.seq, kind: event.kind, audience: event.audience, json, packet }
    }
}

/// An unbroken stretch at the end of the log, bounded in events and bytes.
pub struct EventRing {
    /// Everything after this, up to the newest, is here.
    floor: Seq,
    events: VecDeque<Arc<EncodedEvent>>,
    bytes: usize,
    most_events: usize,
    most_bytes: usize,
}

impl EventRing {
    /// An empty ring at the log's head.
    pub fn at(head: Seq, portions: BatchLimits) -> Self {
        let BatchLimits { ring_events: most_events, ring_bytes: most_bytes, .. } = portions;
        Self { floor: head, events: VecDeque::new(), bytes: 0, most_events, most_bytes }
    }

    /// Adds the next event of the log.
    pub fn push(&mut self, event: Arc<EncodedEvent>) {
        self.bytes += event.json.len();
        self.events.push_back(event);
        while self.events.len() > self.most_events || (self.bytes > self.most_bytes && self.events.len() > 1) {
            if let Some(oldest) = self.events.pop_front() {
                self.bytes -= oldest.json.len();
                self.floor = oldest.seq;
            }
        }
    }

    /// The events after `cursor`, or `None` when the ring does not reach back that far.
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
