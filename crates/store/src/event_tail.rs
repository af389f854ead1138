//! In-memory tail of the event log: signals growth and holds the events that this process wrote last, so that followers
//! need not read them back.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use superbot_domain::{LogEvent, Seq};
use tokio::sync::watch;

/// Maximum number of events held.
const MOST_EVENTS: usize = 256;
/// Maximum total size of payloads in bytes; a single larger event is still held.
const MOST_BYTES: usize = 256 << 10;

/// Signals to followers that the log may have grown; clones share state.
#[derive(Clone, Default)]
pub(crate) struct LogNotifier {
    log: watch::Sender<u64>,
    /// Control events only, which are rare.
    control: watch::Sender<u64>,
    newest: Arc<Mutex<EventTail>>,
}

impl LogNotifier {
    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.log.subscribe()
    }

    pub(crate) fn subscribe_to_control(&self) -> watch::Receiver<u64> {
        self.control.subscribe()
    }

    /// Returns the number of signals for control events so far.
    pub(crate) fn control_version(&self) -> u64 {
        *self.control.borrow()
    }

    /// Records committed events, and drops those before `oldest`, which were pruned. `control` says whether control
    /// events are among them.
    pub(crate) fn committed(&self, written: &mut EventTail, oldest: Seq, control: bool) {
        let mut newest = self.newest.lock();
        newest.append(written);
        newest.prune(oldest);
        drop(newest);
        if control {
            self.control.send_modify(|changes| *changes += 1);
        }
    }

    /// Records that another process may have written, including control events.
    pub(crate) fn others_wrote(&self) {
        self.newest.lock().doubted = true;
        self.control.send_modify(|changes| *changes += 1);
        self.notify();
    }

    /// Signals that the log has grown.
    pub(crate) fn notify(&self) {
        self.log.send_modify(|changes| *changes += 1);
    }

    /// Returns the events after a sequence number; `None` if they are not all held here, or other processes may have
    /// written more.
    pub(crate) fn after(&self, seq: Seq, limit: u32) -> Option<Vec<LogEvent>> {
        self.newest.lock().after(seq, limit)
    }
}

/// A contiguous range of the log, ending with this process's last write.
#[derive(Default)]
pub(crate) struct EventTail {
    events: VecDeque<LogEvent>,
    bytes: usize,
    /// Whether another process may have written since the log was last read from the database.
    doubted: bool,
}

impl EventTail {
    /// Appends an event. Earlier events are dropped if there is a gap before it, or to stay within the bounds.
    pub(crate) fn push(&mut self, event: LogEvent) {
        if self.events.back().is_some_and(|last| last.seq + 1 != event.seq) {
            self.clear();
        }
        self.bytes += event.payload.len();
        self.events.push_back(event);
        while self.events.len() > MOST_EVENTS || (self.bytes > MOST_BYTES && self.events.len() > 1) {
            self.pop(VecDeque::pop_front);
        }
    }

    /// Moves all events of `other` to the end.
    fn append(&mut self, other: &mut Self) {
        other.bytes = 0;
        for event in other.events.drain(..) {
            self.push(event);
        }
    }

    /// Drops the events after `last`.
    pub(crate) fn cut(&mut self, last: Seq) {
        while self.events.back().is_some_and(|event| event.seq > last) {
            self.pop(VecDeque::pop_back);
        }
    }

    /// Drops the events before `oldest`.
    fn prune(&mut self, oldest: Seq) {
        while self.events.front().is_some_and(|event| event.seq < oldest) {
            self.pop(VecDeque::pop_front);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.events.clear();
        self.bytes = 0;
    }

    fn after(&mut self, seq: Seq, limit: u32) -> Option<Vec<LogEvent>> {
        // One read of the database is enough to find what other processes wrote; later reads may use memory again.
        if std::mem::take(&mut self.doubted) {
            return None;
        }
        let first = self.events.front()?.seq;
        let last = self.events.back()?.seq;
        // `seq < last`: with nothing newer in memory, only the database can say that there is nothing newer.
        let skip = seq.saturating_add(1).checked_sub(first).filter(|_| seq < last)?;
        Some(self.events.iter().skip(usize::try_from(skip).ok()?).take(limit as usize).cloned().collect())
    }

    fn pop(&mut self, end: fn(&mut VecDeque<LogEvent>) -> Option<LogEvent>) {
        self.bytes -= end(&mut self.events).map_or(0, |event| event.payload.len());
    }
}

#[cfg(test)]
mod tests {
    use superbot_domain::{Audience, EventKind, Timestamp};

    use super::*;

    fn event(seq: Seq, bytes: usize) -> LogEvent {
        let payload = "x".repeat(bytes).into();
        let kind = EventKind::SystemMessage;
        let audience = Audience::Everyone;
        LogEvent { seq, kind, audience, at: Timestamp::UNIX_EPOCH, payload }
    }

    fn after(newest: &mut EventTail, seq: Seq, limit: u32) -> Option<Vec<Seq>> {
        newest.after(seq, limit).map(|events| events.iter().map(|event| event.seq).collect())
    }

    #[test]
    fn only_an_unbroken_stretch_is_given() {
        let mut newest = EventTail::default();
        assert_eq!(after(&mut newest, 0, 9), None);
        (3..=6).for_each(|seq| newest.push(event(seq, 1)));
        assert_eq!(after(&mut newest, 1, 9), None, "2 is not here");
        assert_eq!(after(&mut newest, 2, 3), Some(vec![3, 4, 5]));
        assert_eq!(after(&mut newest, 5, 9), Some(vec![6]));
        assert_eq!(after(&mut newest, 6, 9), None, "there may be more of others");
        newest.push(event(8, 1));
        assert_eq!(after(&mut newest, 6, 9), None, "7 is another's");
        assert_eq!(after(&mut newest, 7, 9), Some(vec![8]));
        newest.push(event(9, 1));
        newest.cut(8);
        assert_eq!(after(&mut newest, 7, 9), Some(vec![8]));
        newest.doubted = true;
        newest.push(event(9, 1));
        assert_eq!(after(&mut newest, 7, 9), None, "there may be 10");
        assert_eq!(after(&mut newest, 7, 9), Some(vec![8, 9]), "the database was read in between");
        newest.prune(10);
        assert_eq!(after(&mut newest, 7, 9), None);
    }

    #[test]
    fn it_is_bounded() {
        let mut newest = EventTail::default();
        (1..=1000).for_each(|seq| newest.push(event(seq, 1)));
        assert_eq!(newest.events.len(), MOST_EVENTS);
        assert_eq!(newest.bytes, MOST_EVENTS);
        (1001..=1003).for_each(|seq| newest.push(event(seq, MOST_BYTES)));
        assert_eq!(after(&mut newest, 1002, 9), Some(vec![1003]));
        assert_eq!((newest.events.len(), newest.bytes), (1, MOST_BYTES));
        let mut other = EventTail::default();
        other.append(&mut newest);
        assert_eq!((other.bytes, newest.bytes), (MOST_BYTES, 0));
    }
}
