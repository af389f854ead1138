//! The numbers that only whoever holds the lock for writing gives out, so that none is skipped and none is used twice.

use superbot_domain::{NotificationId, Seq};

use crate::LogBounds;

/// The last ones that were given out, and the first event that is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Numbers {
    /// `None` when no event is kept.
    pub(crate) oldest: Option<i64>,
    pub(crate) event: i64,
    pub(crate) price_point: i64,
    pub(crate) notification: i64,
}

/// Where they are kept: in SQLite by itself, in Postgres by the writer.
pub(crate) const SELECT: &str =
    "SELECT (SELECT MIN(seq) FROM events) AS oldest, event, price_point, notification FROM last_numbers";

impl Numbers {
    /// The next event's.
    pub(crate) fn next_event(&mut self) -> i64 {
        self.event += 1;
        self.oldest.get_or_insert(self.event);
        self.event
    }

    pub(crate) fn next_notification(&mut self) -> NotificationId {
        self.notification += 1;
        self.notification.into()
    }

    /// Where the log begins and ends.
    pub(crate) fn log_bounds(&self) -> LogBounds {
        let head: Seq = self.event.cast_unsigned();
        LogBounds { oldest: self.oldest.map_or(head + 1, i64::cast_unsigned), head }
    }
}
