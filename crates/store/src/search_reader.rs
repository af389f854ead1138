//! Connection for lists, searches and previews.

use std::collections::HashSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use parking_lot::Mutex;
use superbot_db::engine::TimedConn;

/// Maximum number of cached prefixes: all of two letters, and many of three.
const REMEMBERED: usize = 4_096;

/// A connection with a deadline, plus knowledge gained by earlier searches.
pub(crate) struct SearchReader {
    conn: TimedConn,
    pub(crate) common_beginnings: Arc<CommonBeginnings>,
}

/// Cache of prefixes that are shared by too many words to be expanded. Words disappear rarely, so entries do not
/// expire.
#[derive(Default)]
pub(crate) struct CommonBeginnings(Mutex<HashSet<String>>);

impl SearchReader {
    pub(crate) fn new(conn: TimedConn, common_beginnings: Arc<CommonBeginnings>) -> Self {
        Self { conn, common_beginnings }
    }
}

impl Deref for SearchReader {
    type Target = TimedConn;

    fn deref(&self) -> &TimedConn {
        &self.conn
    }
}

impl DerefMut for SearchReader {
    fn deref_mut(&mut self) -> &mut TimedConn {
        &mut self.conn
    }
}

impl CommonBeginnings {
    pub(crate) fn contains(&self, beginning: &str) -> bool {
        self.0.lock().contains(beginning)
    }

    pub(crate) fn remember(&self, beginning: &str) {
        let mut beginnings = self.0.lock();
        if beginnings.len() < REMEMBERED {
            beginnings.insert(beginning.to_owned());
        }
    }
}
