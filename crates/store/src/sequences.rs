//! Sequence numbers, allocated under the write lock without gaps or duplicates.

use superbot_db::writer;
use superbot_domain::{Audience, ListingId, NotificationId, Seq};

use crate::sql::{Record, SelectRecord as _, sql_text};

/// The last allocated numbers, and the first retained event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Record)]
pub(crate) struct StoreSequences {
    /// `None` if no events are retained.
    #[record(select = "(SELECT MIN(seq) FROM events)")]
    pub(crate) oldest: Option<i64>,
    /// The newest retained control event.
    #[record(select = "(SELECT MAX(seq) FROM events WHERE recipient = -2)")]
    pub(crate) control: Option<i64>,
    pub(crate) event: i64,
    pub(crate) listing: i64,
    pub(crate) price_point: i64,
    pub(crate) notification: i64,
}

/// Range of the event log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBounds {
    /// The first retained event; `head + 1` if there is none.
    pub oldest: Seq,
    /// The last event ever written, 0 before the first. It never decreases, even if everything is pruned.
    pub head: Seq,
}

/// `last_numbers` is a view in SQLite and a table maintained by the writer in Postgres.
pub(crate) const SELECT_NUMBERS: &str = sql_text!("SELECT ", StoreSequences::COLUMNS, " FROM last_numbers");

impl writer::SequenceState for StoreSequences {
    const LOCK: &'static str = "SELECT event FROM last_numbers FOR UPDATE";
    const SELECT: &'static str = SELECT_NUMBERS;

    fn update(&self, at_start: &Self) -> Option<String> {
        // A transaction that allocated nothing needs no update.
        (self.allocated() != at_start.allocated()).then(|| {
            let set = self.allocated().map(|(column, last)| format!("{column} = {last}")).join(", ");
            format!("UPDATE last_numbers SET {set}; ")
        })
    }

    fn has_appended(&self, at_start: &Self) -> bool {
        self.event > at_start.event
    }
}

impl StoreSequences {
    /// Allocates the next event's number.
    pub(crate) fn next_event(&mut self, audience: Audience) -> i64 {
        self.event += 1;
        // The first event of an empty log is also the oldest.
        self.oldest.get_or_insert(self.event);
        if audience == Audience::Control {
            self.control = Some(self.event);
        }
        self.event
    }

    pub(crate) fn next_listing(&mut self) -> ListingId {
        self.listing += 1;
        self.listing.into()
    }

    pub(crate) fn next_notification(&mut self) -> NotificationId {
        self.notification += 1;
        self.notification.into()
    }

    /// Returns the allocated numbers with their columns.
    fn allocated(&self) -> [(&'static str, i64); 4] {
        let Self { event, listing, price_point, notification, .. } = *self;
        [("event", event), ("listing", listing), ("price_point", price_point), ("notification", notification)]
    }

    /// Returns the log's range.
    pub(crate) fn log_bounds(&self) -> LogBounds {
        let head: Seq = self.event.cast_unsigned();
        LogBounds { oldest: self.oldest.map_or(head + 1, i64::cast_unsigned), head }
    }
}
