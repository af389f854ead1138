//! What lists, searches and previews are read with.

use parking_lot::Mutex;
use std::collections::HashSet;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use superbot_db::engine::TimedConn;

/// Beginnings of too many words that are remembered: all of two letters, and many of three.
const REMEMBERED: usize = 4_096;

/// A connection for lists, searches and previews, with what earlier ones have learned.
pub(crate) struct SearchReader {
    conn: TimedConn,
    pub(crate) common_beginnings: Arc<CommonBeginnings>,
}

/// The beginnings that were found to be those of too many words. Words are forgotten rarely enough that it stays so.
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
