//! The numbers that only whoever holds the lock for writing gives out, so that none is skipped and none is used twice.

use superbot_db::writer;
use superbot_domain::{Audience, ListingId, NotificationId, Seq};

use crate::sql::{Record, SelectRecord as _, sql_text};

/// The last ones that were given out, and the first event that is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Record)]
pub(crate) struct StoreSequences {
    /// `None` when no event is kept.
    #[record(select = "(SELECT MIN(seq) FROM events)")]
    pub(crate) oldest: Option<i64>,
    /// The newest event for the servers; `None` when none is kept.
    #[record(select = "(SELECT MAX(seq) FROM events WHERE recipient = -2)")]
    pub(crate) control: Option<i64>,
    pub(crate) event: i64,
    pub(crate) listing: i64,
    pub(crate) price_point: i64,
    pub(crate) notification: i64,
}

/// What the log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBounds {
    /// The first event that is kept; one past the head when none is.
    pub oldest: Seq,
    /// The last event that was ever written, 0 before the first. It never falls, even when everything is pruned.
    pub head: Seq,
}

/// Where they are kept: in SQLite by itself, in Postgres by the writer.
pub(crate) const SELECT_NUMBERS: &str = sql_text!("SELECT ", StoreSequences::COLUMNS, " FROM last_numbers");

impl writer::SequenceState for StoreSequences {
    const LOCK: &'static str = "SELECT event FROM last_numbers FOR UPDATE";
    const SELECT: &'static str = SELECT_NUMBERS;

    fn update(&self, at_start: &Self) -> Option<String> {
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
    /// The next event's.
    pub(crate) fn next_event(&mut self, audience: Audience) -> i64 {
        self.event += 1;
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

    /// The last ones that were given out, with the columns that keep them.
    fn allocated(&self) -> [(&'static str, i64); 4] {
        let Self { event, listing, price_point, notification, .. } = *self;
        [("event", event), ("listing", listing), ("price_point", price_point), ("notification", notification)]
    }

    /// Where the log begins and ends.
    pub(crate) fn log_bounds(&self) -> LogBounds {
        let head: Seq = self.event.cast_unsigned();
        LogBounds { oldest: self.oldest.map_or(head + 1, i64::cast_unsigned), head }
    }
}
